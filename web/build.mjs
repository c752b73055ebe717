/** Builds `dist/`: scripts, styles, fonts and icons under content-hashed names, and `manifest.json`. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const fonts = join(root, "node_modules/@fontsource-variable/inter/files");

/** Logical name in templates -> file that is copied under a hashed name. */
const copied = {
  "inter-latin.woff2": join(fonts, "inter-latin-opsz-normal.woff2"),
  "inter-vietnamese.woff2": join(fonts, "inter-vietnamese-opsz-normal.woff2"),
  "mark.svg": join(root, "icons/mark.svg"),
};

const options = {
  absWorkingDir: root,
  entryPoints: {
    desk: "src/desk.ts",
    wall: "src/wall.ts",
    monitor: "src/monitor.ts",
    login: "src/login.ts",
    admin: "src/admin.ts",
    care: "src/care.ts",
    explain: "src/explain.ts",
    paceline: "styles/paceline.css",
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["chrome125", "firefox128", "safari18"],
  minify: true,
  sourcemap: "linked",
  legalComments: "linked",
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  assetNames: "[name]-[hash]",
  external: ["/static/*"],
  metafile: true,
  logLevel: "warning",
};

/** The manifest goes in by rename: a reader sees the old one or the new one, never half of one. */
async function writeManifest(metafile, names) {
  const manifest = { ...names };
  for (const [output, about] of Object.entries(metafile.outputs)) {
    if (!about.entryPoint || output.endsWith(".map")) continue;
    const file = basename(output);
    manifest[file.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1")] = file;
  }
  const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => a.localeCompare(b)));
  await writeFile(join(dist, "manifest.new"), `${JSON.stringify(sorted, null, 2)}\n`);
  await rename(join(dist, "manifest.new"), join(dist, "manifest.json"));
}

async function copyAssets() {
  const names = {};
  for (const [name, source] of Object.entries(copied)) {
    const bytes = await readFile(source);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
    names[name] = name.replace(/(\.\w+)$/, `-${hash}$1`);
    await writeFile(join(dist, names[name]), bytes);
  }
  return names;
}

/** Styles name fonts as `font:inter-latin.woff2`; this puts the hashed address in. */
const fontNames = (names) => ({
  name: "fonts",
  setup(plugin) {
    plugin.onResolve({ filter: /^font:/ }, ({ path }) => ({
      path: `/static/${names[path.slice("font:".length)]}`,
      external: true,
    }));
  },
});

const watching = process.argv.includes("--watch");
if (!watching) await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const names = await copyAssets();
const plugins = [
  fontNames(names),
  {
    name: "manifest",
    setup(plugin) {
      plugin.onEnd(async ({ metafile }) => metafile && (await writeManifest(metafile, names)));
    },
  },
];
if (watching) await (await context({ ...options, plugins })).watch();
else await build({ ...options, plugins });
