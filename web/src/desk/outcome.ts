/** From an outcome's needs to its form, and from a draft to the body that is sent. */
import { boot } from "../boot";
import type { Draft, Leaf, QuickOutcome, ScreenPop, Twig } from "../cards";

/** What forms are filled from and outcomes chosen from; of a call that is over less is known. */
export type FormFacts = Pick<ScreenPop, "barred" | "bars"> & Partial<Pick<ScreenPop, "compliance" | "presets" | "currency" | "script" | "third_party">>;

export type Form = "promise" | "callback" | "tree" | "fields" | null;

/** The server's limit of a field, in characters. */
const TEXT_LIMIT = 500;

/** Every outcome with its whole path, the ten of the digits first under their short words. */
export interface Outcomes {
  quick: QuickOutcome[];
  tree: Leaf[];
}

export function flat({ barred, bars }: FormFacts): Outcomes {
  const { outcomes, tree } = boot.choices ?? { outcomes: [], tree: [] };
  const why = ({ leaf }: Twig): { barred?: string } => {
    const bar = barred[leaf];
    return bar ? { barred: bars[bar] ?? bar } : {};
  };
  const leaves = tree.flatMap(({ path, leaves }) => leaves.map((leaf) => ({ ...leaf, ...why(leaf), path: [...path, leaf.label] })));
  const byCode = new Map(leaves.map((leaf) => [leaf.leaf, leaf]));
  const quick = outcomes.flatMap((one) => {
    const leaf = byCode.get(one.leaf);
    return leaf ? [{ ...leaf, ...one }] : [];
  });
  return { quick, tree: leaves };
}

/** Which form an outcome opens: promise and callback have their own, the rest are short fields. */
export function formFor(leaf: Leaf): Form {
  if (leaf.needs.includes("promise")) return "promise";
  if (leaf.needs.includes("callback")) return "callback";
  return leaf.needs.length ? "fields" : null;
}

/** What goes up: the draft, with only those parts that the outcome asks for. */
export function outcomeBody(draft: Draft, leaf: Leaf): Record<string, unknown> {
  const { call, note, ticked, writer } = draft;
  // What is asked for as text is written in the note, once.
  const fields = leaf.needs.includes("text") ? { ...draft.fields, text: note.slice(0, TEXT_LIMIT) } : draft.fields;
  return {
    call,
    leaf: leaf.leaf,
    note,
    ticked,
    writer,
    fields,
    promise: leaf.needs.includes("promise") && draft.promise ? { ...draft.promise, method: draft.promise.method || null } : null,
    callback: leaf.needs.includes("callback") ? draft.callback : null,
  };
}
