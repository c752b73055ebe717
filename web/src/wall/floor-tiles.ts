/** Six headline tiles: each with what it is held against, a word when it is beyond, and where it leads. */
import { html, nothing, type TemplateResult } from "lit";
import { bound, count, percent, shortMoney, span } from "../format";
import { t, word } from "../i18n";
import { icon, type IconName } from "../icons";
import { attained } from "./figures";
import { WallPart } from "./part";
import { writePlace, type Place } from "./place";
import { byTrouble, doing, levelAt, type Level } from "./thresholds";

export const levelIcon: Record<Level, IconName> = { ok: "ok", warn: "warn", bad: "bad" };

interface Tile {
  name: string;
  label: string;
  value: string;
  under: TemplateResult | string;
  level?: Level;
  mark?: string;
  to: Partial<Place>;
}

export class FloorTiles extends WallPart {
  override render(): TemplateResult {
    return html`<section class="wall-tiles" aria-label=${t("wall.floor")} data-testid="floor" @keydown=${(event: KeyboardEvent) => this.press(event)}>
      ${[this.staff(), this.contacts(), this.promises(), this.collected(), this.abandoned(), this.over()].map((tile) => this.tile(tile))}
    </section>`;
  }

  /** Left and right go from tile to tile; Enter follows the link. */
  private press(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
    if (!step) return;
    const tiles = [...this.querySelectorAll<HTMLElement>(".tile")];
    const next = tiles[tiles.indexOf(event.target as HTMLElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  private tile({ name, label, value, under, level = "ok", mark = "", to }: Tile): TemplateResult {
    const place = { ...this.wall.place, state: "", ...to } as Place;
    const follow = (event: MouseEvent): void => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.wall.show(place.view, to);
    };
    return html`<a class="tile ${level}" href=${writePlace(place)} data-testid=${`tile-${name}`} data-level=${level} @click=${follow}>
      <span class="tile-label">${label}</span>
      <span class="tile-value num">${value}</span>
      ${mark ? html`<span class="tile-mark">${icon(levelIcon[level], "small")}${mark}</span>` : nothing}
      <span class="tile-under num">${under}</span>
    </a>`;
  }

  private staff(): Tile {
    const { counts } = this.wall.figures;
    const part = (name: IconName, label: string, n = 0): TemplateResult => html`<span class="part" title=${label}>${icon(name, "small")}<span class="sr">${label}</span>${count(n)}</span>`;
    const under = html`<span class="parts">${part("call", t("state.IN_CALL"), counts.in_call)}${part("ready", t("state.READY"), counts.ready)}${part("wrap", t("state.WRAP_UP"), counts.wrap_up)}${part("pause", t("state.PAUSED"), counts.paused)}${part("lost", t("state.LOST"), counts.lost)}</span>`;
    return { name: "agents", label: t("tile.agents"), value: count(counts.total ?? 0), under, to: { view: "agents" } };
  }

  /** A figure against its plan: the words say by how much it is off. */
  private planned(name: string, label: string, value: number | undefined, planned: number | null | undefined, shown: (n: number) => string, more = ""): Tile {
    const reached = attained(value ?? 0, planned);
    const level = levelAt(reached, this.wall.settings["ATTAINMENT"]);
    const off = reached === null ? 0 : Math.round(reached - 100);
    const words = reached === null ? "" : off === 0 ? t("tile.on_plan") : t(off > 0 ? "tile.above_plan" : "tile.below_plan", { share: percent(Math.abs(off), 0) });
    const against = planned ? t("tile.plan", { plan: shown(planned) }) : t("tile.plan_later");
    return { name, label, value: value === undefined ? "–" : shown(value), under: more ? `${more} · ${against}` : against, level, mark: words, to: { view: "agents" } };
  }

  private contacts(): Tile {
    const { effort } = this.wall.figures;
    return this.planned("contacts", t("tile.contacts"), effort?.contacts_hour, effort?.plan.contacts_hour, count);
  }

  private promises(): Tile {
    const { effort } = this.wall.figures;
    const money = effort?.promised_minor ? shortMoney(effort.promised_minor, effort.currency) : "";
    return this.planned("promises", t("tile.promises"), effort?.promises, effort?.plan.promises, count, money);
  }

  private collected(): Tile {
    const { effort } = this.wall.figures;
    const money = (minor: number): string => shortMoney(minor, effort?.currency ?? "VND");
    return this.planned("collected", t("tile.collected"), effort?.collected_minor, effort?.plan.collected_minor, money);
  }

  private abandoned(): Tile {
    const { pct, today, limit, target, level } = this.wall.figures.abandoned;
    const held = target === null ? "" : t("tile.target", { target: bound(target), limit: limit === null ? "–" : bound(limit) });
    const under = pct === null && today !== null ? t("tile.today", { share: percent(today), limit: limit === null ? "–" : percent(limit, 0) }) : held;
    const mark = level === "ok" ? (pct === null ? "" : t("level.ok")) : t(`level.${level}`);
    return { name: "abandoned", label: t("tile.abandoned"), value: pct === null ? "–" : percent(pct), under, level, mark, to: { view: "campaigns" } };
  }

  private over(): Tile {
    const now = this.wall.clock.now();
    const troubled = [...this.wall.troubled].sort(byTrouble);
    const first = troubled[0];
    const level = first?.level ?? "ok";
    const named = this.wall.place.view !== "tv";
    const reason = first && doing(first.agent) === "PAUSED" && first.agent.reason ? ` (${word("pause", first.agent.reason)})` : "";
    const under = first ? `${named ? `${first.agent.name} · ` : ""}${word("state", doing(first.agent))}${reason}` : t("tile.nobody");
    const mark = first ? t("tile.longest", { time: span(now - first.since) }) : "";
    return { name: "over", label: t("tile.over"), value: count(troubled.length), under, level, mark, to: { view: "agents", state: "OVER" } };
  }
}

customElements.define("floor-tiles", FloorTiles);
