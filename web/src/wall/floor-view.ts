/** The whole floor at once: teams, what needs an eye, and what was worked today. */
import { html, nothing, type TemplateResult } from "lit";
import { count } from "../format";
import { t, type Key } from "../i18n";
import { icon } from "../icons";
import "./alert-feed";
import { levelIcon } from "./floor-tiles";
import { WallPart } from "./part";
import "./team-cards";
import { levelAt } from "./thresholds";

export class FloorView extends WallPart {
  override render(): TemplateResult {
    return html`<div class="floor-view">
      <team-cards></team-cards>
      <alert-feed></alert-feed>
      ${this.worked()}
    </div>`;
  }

  private worked(): TemplateResult {
    const { floor, filtered, figures } = this.wall;
    const worked = filtered ? figures.effort?.worked : floor?.worked;
    const overdue = filtered ? figures.effort?.overdue : floor?.overdue;
    const part = (name: string, value: number | null | undefined): TemplateResult | typeof nothing =>
      value === null || value === undefined ? nothing : html`<span data-testid=${`strip-${name}`}><b class="num">${count(value)}</b> ${t(`worked.${name}` as Key)}</span>`;
    return html`<section class="worked" aria-label=${t("worked.title")} data-testid="worked">
      <span class="quiet">${t("worked.title")}</span>
      ${part("worked", worked)} ${filtered ? nothing : part("never", floor?.never_worked)} ${part("overdue", overdue)} ${filtered ? nothing : part("queue", floor?.queue)}
      <span class="bar-gap"></span>${this.pops()}
    </section>`;
  }

  private pops(): TemplateResult | typeof nothing {
    const pop = this.wall.filtered ? this.wall.figures.effort?.pop : this.wall.floor?.pop;
    if (!pop?.n || pop.p95 === null) return nothing;
    const level = levelAt(pop.p95, this.wall.settings["POP_P95"]);
    return html`<span class="num ${level}-text" data-testid="strip-pop" data-level=${level}>${level === "ok" ? nothing : icon(levelIcon[level], "small")}${t("worked.pop", { p95: count(pop.p95), late: count(pop.late) })}</span>`;
  }
}

customElements.define("floor-view", FloorView);
