/** The short fields an outcome needs besides its form: one line of text each. */
import { html, type TemplateResult } from "lit";
import { word } from "../i18n";
import { fieldNeeds } from "./missing";
import type { DeskModel } from "./model";

export function extraFields(desk: DeskModel, focusFirst = false): TemplateResult[] {
  const leaf = desk.chosen;
  const set = (need: string, text: string): void => desk.amend({ fields: { ...desk.draft?.fields, [need]: text } });
  return (leaf ? fieldNeeds(leaf) : []).map(
    (need, i) => html`<label class="field"><span>${word("need", need)}</span>
      <input autocomplete="off" required ?autofocus=${focusFirst && i === 0} data-testid=${`field-${need}`} data-field=${need} .value=${desk.draft?.fields[need] ?? ""} @input=${(event: Event) => set(need, (event.target as HTMLInputElement).value)}></label>`,
  );
}
