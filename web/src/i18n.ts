/** Sentences of the browser, from the same catalogues as the templates. The page says which language. */
import en from "../i18n/en.json";
import vi from "../i18n/vi.json";

export type Key = keyof typeof vi & keyof typeof en;
export type Language = "vi" | "en";

export const language: Language = document.documentElement.lang === "en" ? "en" : "vi";
const catalogue: Record<string, string> = language === "en" ? en : vi;

/** The sentence `key`; `{field}`s are filled, a field without a value stays visible as ⟨field⟩. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (_, field: string) =>
    String(values[field] ?? `⟨${field}⟩`),
  );
}

/** For keys made of a code that the server sent: the sentence if there is one, else `otherwise`. */
export function word(prefix: string, code: string | null | undefined, otherwise?: string): string {
  if (!code) return otherwise ?? "";
  return catalogue[`${prefix}.${code}`] ?? otherwise ?? code;
}

/** A sentence about `count` things: `key.one` for exactly one of them, else `key`. */
export function plural(key: Key, count: number, values: Record<string, string | number> = {}): string {
  const one = `${key}.one` as Key;
  return t(count === 1 && catalogue[one] ? one : key, { count: new Intl.NumberFormat(language === "en" ? "en-GB" : "vi-VN").format(count), ...values });
}
