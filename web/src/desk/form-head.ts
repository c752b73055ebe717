/** The line above a form: the chosen outcome, and the way back to the ten. */
import { html, type TemplateResult } from "lit";
import { t } from "../i18n";
import { icon } from "../icons";
import { hint } from "../keys";
import type { DeskModel } from "./model";

export const formHead = (desk: DeskModel, title?: string): TemplateResult => html`<p class="form-head">
  <button type="button" class="chip-button" data-testid="form-back" @click=${() => desk.closeForm()}>${icon("back", "small")}${t("form.back")}<kbd>${hint("back")}</kbd></button>
  <b>${title ?? desk.chosen?.label ?? ""}</b>
</p>`;
