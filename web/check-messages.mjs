/** Both catalogues hold the same keys with the same fields, and every literal `t("key")` exists. */
import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const read = async (name) => JSON.parse(await readFile(join(root, "i18n", name), "utf8"));
const [vi, en] = [await read("vi.json"), await read("en.json")];
const fields = (sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join();
const faults = [];

for (const key of new Set([...Object.keys(vi), ...Object.keys(en)])) {
  if (!(key in vi) || !(key in en)) faults.push(`${key}: only in one language`);
  else if (fields(vi[key]) !== fields(en[key])) faults.push(`${key}: the languages name different fields`);
}
for (const folder of ["src", "templates"]) {
  for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath ?? entry.path, entry.name), "utf8");
    for (const [, key] of text.matchAll(/\bt\(\s*["']([\w.]+)["']\s*[,)]/g)) {
      if (!(key in vi)) faults.push(`${entry.name}: no sentence for ${key}`);
    }
  }
}
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
