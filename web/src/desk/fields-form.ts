/** The few words an outcome needs besides the note: a reason, a relation, a reference. */
import { html, type TemplateResult } from "lit";
import { t } from "../i18n";
import { icon } from "../icons";
import { extraFields } from "./extra-fields";
import { formHead } from "./form-head";
import { fieldNeeds, needsNote } from "./missing";
import { DeskPart } from "./part";

export class FieldsForm extends DeskPart {
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
        ${extraFields(desk, true)}
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
