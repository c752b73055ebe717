/** The few words an outcome needs besides the note: a reason, a relation, a reference. */
import { html, type TemplateResult } from "lit";
import { t, word } from "../i18n";
import { icon } from "../icons";
import { formHead } from "./form-head";
import { fieldNeeds, needsNote } from "./missing";
import { DeskPart } from "./part";

export class FieldsForm extends DeskPart {
  private set(need: string, text: string): void {
    this.desk.amend({ fields: { ...this.desk.draft?.fields, [need]: text } });
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (!this.desk.submitForm()) this.dispatchEvent(new CustomEvent("show-missing", { bubbles: true }));
  }

  override render(): TemplateResult {
    const { desk } = this;
    const leaf = desk.chosen;
    const needs = leaf ? fieldNeeds(leaf) : [];
    return html`${formHead(desk)}
      <form class="form-grid" @submit=${this.submit}>
        ${needs.map(
          (need, i) => html`<label class="field"><span>${word("need", need)}</span>
            <input autocomplete="off" required ?autofocus=${i === 0} data-testid=${`field-${need}`} data-field=${need} .value=${desk.draft?.fields[need] ?? ""} @input=${(event: Event) => this.set(need, (event.target as HTMLInputElement).value)}></label>`,
        )}
        ${leaf && needsNote(leaf)
          ? html`<label class="field wide"><span>${t("d.note")}</span>
              <textarea rows="3" required ?autofocus=${!needs.length} data-testid="field-note" .value=${desk.draft?.note ?? ""} @input=${(event: Event) => desk.amend({ note: (event.target as HTMLTextAreaElement).value })}></textarea></label>`
          : ""}
        <p class="summary">${leaf?.path.join(" › ") ?? ""}</p>
        <button class="button" type="submit" data-testid="fields-save">${icon("ok", "small")}${t("form.save")}<kbd>⏎</kbd></button>
      </form>`;
  }
}

customElements.define("fields-form", FieldsForm);
