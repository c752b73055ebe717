/** Six headline tiles: each with its limit beside it, and a word when it is beyond. */
import { html, nothing, type TemplateResult } from "lit";
import { count, percent, shortMoney, span } from "../format";
import { t } from "../i18n";
import { icon, type IconName } from "../icons";
import { WallPart } from "./part";
import { abandonLevel, byTrouble, levelOf, popLevel, sinceOf, type Level } from "./thresholds";

const levelIcon: Record<Level, IconName> = { ok: "ok", warn: "warn", bad: "bad" };

export class FloorTiles extends WallPart {
  override render(): TemplateResult {
    const { wall } = this;
    const { floor } = wall;
    return html`<section class="wall-tiles" aria-label=${t("wall.floor")} data-testid="floor">
      ${this.staff()}
      ${this.tile("calls", t("tile.calls"), count(floor?.dialed ?? 0), t("tile.answered", { count: count(floor?.answered ?? 0), rate: rate(floor?.answered, floor?.dialed) }))}
      ${this.tile("promises", t("tile.promises"), count(floor?.promises ?? 0), floor?.promised_minor ? shortMoney(floor.promised_minor, floor.currency ?? "VND") : "–")}
      ${this.abandoned()} ${this.pop()} ${this.over()}
    </section>`;
  }

  private tile(name: string, label: string, value: string, under: TemplateResult | string, level: Level = "ok", mark = "", href?: string): TemplateResult {
    const inside = html`<span class="tile-label">${label}</span>
      <span class="tile-value"><span class="num">${value}</span>${mark ? html`<span class="tile-mark">${icon(levelIcon[level], "small")}${mark}</span>` : nothing}</span>
      <span class="tile-under num">${under}</span>`;
    return href
      ? html`<a class="tile ${level}" href=${href} data-testid=${`tile-${name}`} data-level=${level}>${inside}</a>`
      : html`<div class="tile ${level}" data-testid=${`tile-${name}`} data-level=${level}>${inside}</div>`;
  }

  private staff(): TemplateResult {
    const { counts } = this.wall;
    const part = (name: IconName, label: string, n = 0): TemplateResult => html`<span class="part" title=${label}>${icon(name, "small")}<span class="sr">${label}</span>${count(n)}</span>`;
    const under = html`<span class="parts">${part("call", t("state.IN_CALL"), counts.in_call)}${part("ready", t("state.READY"), counts.ready)}${part("wrap", t("state.WRAP_UP"), counts.wrap_up)}${part("pause", t("state.PAUSED"), counts.paused)}${part("lost", t("state.LOST"), counts.lost)}</span>`;
    return this.tile("agents", t("tile.agents"), count(counts.total ?? 0), under, "ok", "", "#agents");
  }

  private abandoned(): TemplateResult {
    const { floor, campaigns } = this.wall;
    const limits = campaigns.map((card) => card.abandon_limit_pct).filter((limit) => limit !== null);
    const limit = limits.length ? Math.min(...limits) : null;
    const live = (floor?.answered ?? 0) + (floor?.abandoned ?? 0);
    const pct = floor && live ? (100 * floor.abandoned) / live : null;
    const level = abandonLevel(pct, limit);
    const mark = level === "ok" ? "" : t(`level.${level}`);
    return this.tile("abandoned", t("tile.abandoned"), pct === null ? "–" : percent(pct), limit === null ? "" : t("tile.limit", { limit: percent(limit, 0) }), level, mark, "#campaigns");
  }

  private pop(): TemplateResult {
    const pop = this.wall.floor?.pop;
    const p95 = pop?.n ? pop.p95 : null;
    const level = popLevel(p95);
    return this.tile("pop", t("tile.pop"), p95 === null ? "–" : `${count(p95)} ms`, t("tile.pop_under", { p99: pop?.p99 != null ? count(pop.p99) : "–", late: count(pop?.late ?? 0) }), level, level === "ok" ? "" : t(`level.${level}`));
  }

  private over(): TemplateResult {
    const now = this.wall.clock.now();
    const troubled = this.wall.agents.filter((agent) => levelOf(agent, now) !== "ok").sort(byTrouble(now));
    const first = troubled[0];
    const level = first ? levelOf(first, now) : "ok";
    const under = first ? `${first.name} ${span(now - sinceOf(first))}` : t("tile.nobody");
    return this.tile("over", t("tile.over"), count(troubled.length), under, level, level === "ok" ? "" : t("tile.longest"), "#agents");
  }
}

function rate(part: number | undefined, whole: number | undefined): string {
  return part !== undefined && whole ? percent((100 * part) / whole, 0) : "–";
}

customElements.define("floor-tiles", FloorTiles);
