/** What an outcome still lacks. The server judges again; this is so that the page can say it first. */
import type { Draft, Leaf } from "../cards";
import { t, word } from "../i18n";
import type { FormFacts } from "./outcome";

export interface Missing {
  kind: "outcome" | "promise" | "callback" | "field" | "tick";
  code: string;
  label: string;
}

export const needsNote = (leaf: Leaf): boolean => leaf.needs.includes("note") || leaf.needs.includes("text");

/** Needs that are asked for as short text fields. */
export const fieldNeeds = (leaf: Leaf): string[] =>
  leaf.needs.filter((need) => !["promise", "callback", "note", "text"].includes(need));

const complete = (draft: Draft): boolean =>
  !!draft.promise && draft.promise.amount_minor > 0 && /^\d{4}-\d\d-\d\d$/.test(draft.promise.due_on);

export function missingFor(leaf: Leaf | null, draft: Draft | null, screen: FormFacts | null): Missing[] {
  if (!draft) return [];
  if (!leaf) return [{ kind: "outcome", code: "outcome", label: t("missing.outcome") }];
  const missing: Missing[] = [];
  const lacks = (kind: Missing["kind"], code: string, label: string): void => {
    missing.push({ kind, code, label });
  };
  if (leaf.needs.includes("promise") && !complete(draft)) lacks("promise", "promise", t("missing.promise"));
  if (leaf.needs.includes("callback") && !draft.callback) lacks("callback", "callback", t("missing.callback"));
  if (needsNote(leaf) && !draft.note.trim()) lacks("field", "note", t("missing.note"));
  for (const need of fieldNeeds(leaf)) {
    if (!draft.fields[need]?.trim()) lacks("field", need, word("need", need));
  }
  for (const statement of screen?.compliance ?? []) {
    const blocks = statement.blocks.includes(leaf.leaf) || statement.blocks.includes("*");
    if (blocks && !draft.ticked.includes(statement.code)) lacks("tick", statement.code, statement.text);
  }
  return missing;
}
