/** Over everything, when a page cannot go on by itself: why, and the way out. */
import { html, nothing, type TemplateResult } from "lit";
import { FORBIDDEN, PROTOCOL, TAKEN_OVER } from "./closing";
import { t } from "./i18n";

type Part = TemplateResult | typeof nothing;
type Why = "taken_over" | "forbidden" | "old_page" | "signed_out";

/** `code` is the close code of the line; `help` explains a reason, `more` stands beside the way out. */
export function endedCurtain(code: number | null, help: (why: Why) => Part = () => nothing, more: Part = nothing): TemplateResult {
  const why: Why = code === TAKEN_OVER ? "taken_over" : code === FORBIDDEN ? "forbidden" : code === PROTOCOL ? "old_page" : "signed_out";
  const here = code === TAKEN_OVER || code === PROTOCOL;
  return html`<section class="curtain" role="alertdialog" aria-labelledby="curtain-title" data-testid="ended" data-why=${why}>
    <h2 id="curtain-title">${t(`ended.${why}`)}</h2>
    ${help(why)}
    <p class="curtain-actions">
      ${here ? html`<button class="button primary" @click=${() => location.reload()}>${t("ended.reload")}</button>` : html`<a class="button primary" href="/login">${t("ended.sign_in")}</a>`}
      ${more}
    </p>
  </section>`;
}
