/** The short fields of an outcome besides its form: what it needs, and what may be said beside. */
import { html, nothing, type TemplateResult } from "lit";
import { t, word, type Key } from "../i18n";
import { fieldNeeds } from "./missing";
import type { DeskModel } from "./model";

/** Fields that are chosen, not written; the server knows the same words. */
const CHOICES: Record<string, readonly string[]> = {
  dispute_kind: ["AMOUNT", "NOT_MINE", "ALREADY_PAID", "SERVICE", "FRAUD"],
  manner: ["COOPERATIVE", "WILLING_NEEDS_TIME", "AVOIDING", "HOSTILE"],
  relation: ["SPOUSE", "PARENT", "SIBLING", "CHILD", "FRIEND", "EMPLOYER", "GUARANTOR", "CO_BORROWER", "OTHER"],
};
const HINTS: Record<string, Key> = { avoid: "hint.avoid", time_band: "hint.time_band" };

export function extraFields(desk: DeskModel, focusFirst = false): TemplateResult[] {
  const leaf = desk.chosen;
  if (!leaf) return [];
  const needs = fieldNeeds(leaf);
  return [...needs, ...(leaf.offers ?? [])].map((name, i) => {
    const needed = i < needs.length;
    const first = focusFirst && i === 0;
    return html`<label class="field"><span>${word("need", name)}${needed ? nothing : html` <span class="quiet">(${t("optional")})</span>`}</span>
      ${CHOICES[name] ? choice(desk, name, needed, first) : line(desk, name, needed, first)}</label>`;
  });
}

const said = (desk: DeskModel, name: string): string => desk.draft?.fields[name] ?? "";

const say = (desk: DeskModel, name: string, event: Event): void =>
  desk.amend({ fields: { ...desk.draft?.fields, [name]: (event.target as HTMLInputElement | HTMLSelectElement).value } });

function line(desk: DeskModel, name: string, needed: boolean, first: boolean): TemplateResult {
  const hint = HINTS[name];
  return html`<input autocomplete="off" ?required=${needed} ?autofocus=${first} placeholder=${hint ? t(hint) : nothing} data-testid=${`field-${name}`} data-field=${name}
    .value=${said(desk, name)} @input=${(event: Event) => say(desk, name, event)}>`;
}

function choice(desk: DeskModel, name: string, needed: boolean, first: boolean): TemplateResult {
  const now = said(desk, name);
  return html`<select ?required=${needed} ?autofocus=${first} data-testid=${`field-${name}`} data-field=${name} @change=${(event: Event) => say(desk, name, event)}>
    <option value="" ?selected=${!now}>${t("choose")}</option>
    ${CHOICES[name]?.map((code) => html`<option value=${code} ?selected=${code === now}>${word(name, code)}</option>`)}
  </select>`;
}
