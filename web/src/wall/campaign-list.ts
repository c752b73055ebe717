/** One row for each campaign: pace and why, lines, people, abandonment against its limit, pop, stop. */
import { html, nothing, type TemplateResult } from "lit";
import { bound, clockTime, count, decimal, percent, span } from "../format";
import { plural, t, word } from "../i18n";
import { icon } from "../icons";
import { hint, pressed } from "../keys";
import type { WallCampaign } from "./cards";
import { WallPart } from "./part";
import { tip } from "../tip";
import { sparkLine } from "./spark-line";
import "./tune-dialog";
import type { TuneDialog } from "./tune-dialog";

const running = new Set(["RUNNING", "THROTTLED", "WINDOW_CLOSED"]);
const HOUR_MS = 3_600_000;
const over = new Set(["STOPPED", "ARCHIVED"]);

export class CampaignList extends WallPart {
  override render(): TemplateResult {
    const { shownCampaigns: campaigns, filtered } = this.wall;
    if (!campaigns.length) {
      const none = filtered ? t("campaign.no_match") : t("campaign.none");
      return html`<p class="wall-empty" data-testid="campaigns-empty">${this.wall.loaded ? none : t("state.LOADING")}</p>`;
    }
    return html`<div class="campaigns" role="region" aria-label=${t("wall.campaigns")} tabindex="0" data-testid="campaigns">
      <table>
        <thead><tr>
          ${(["name", "pace", "lines", "agents", "today", "abandon", "pop", "left"] as const).map((name) => html`<th scope="col">${t(`campaign.col_${name}`)}</th>`)}
          <th scope="col"><span class="sr">${t("campaign.col_actions")}</span></th>
        </tr></thead>
        <tbody>${campaigns.map((card) => this.row(card))}</tbody>
      </table>
    </div>
    <tune-dialog></tune-dialog>`;
  }

  private get tuner(): TuneDialog | null {
    return this.querySelector("tune-dialog");
  }

  private press(event: KeyboardEvent, card: WallCampaign): void {
    const row = event.currentTarget as HTMLElement;
    const step = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.code];
    if (event.target !== row) return;
    if (pressed("stop_row", event)) this.wall.stop(card);
    else if (step instanceof HTMLElement) step.focus();
    else return;
    event.preventDefault();
  }

  private row(card: WallCampaign): TemplateResult {
    return html`<tr tabindex="0" class=${card.stopped ? "stopped" : ""} data-testid="campaign" data-id=${card.id} data-state=${card.stopped ? "STOPPED" : card.state}
      @keydown=${(event: KeyboardEvent) => this.press(event, card)}>
      <th scope="row"><span class="campaign-name">${card.name}</span><span class="cell-under">${this.state(card)} · ${word("mode", card.mode)}</span></th>
      <td>${this.pace(card)}</td>
      <td><b class="num" data-testid="lines">${count(card.lines)}</b>${card.lines_wanted !== null ? html`<span class="quiet num"> / ${count(card.lines_wanted)}</span>` : nothing}
        <span class="cell-under num ${card.waiting ? "warn-text" : ""}" data-testid="waiting">${plural("campaign.waiting", card.waiting)}</span></td>
      <td>${this.people(card)}</td>
      <td>${this.today(card)}</td>
      <td>${this.abandonment(card)}</td>
      <td>${this.pop(card)}</td>
      <td><b class="num" data-testid="leads-left">${card.leads_left === null ? "–" : count(card.leads_left)}</b>
        <span class="cell-under num" data-testid="window">${this.window(card.window_until)}</span></td>
      <td class="deeds">${this.actions(card)}</td>
    </tr>`;
  }

  private state(card: WallCampaign): TemplateResult {
    if (card.stopped) return html`<span class="state-chip bad">${icon("stop", "small")}${t("stop.mark")}</span>`;
    const on = running.has(card.state);
    const tone = card.state === "THROTTLED" ? "warn" : "";
    return html`<span class="state-chip ${tone}">${icon(on ? "play" : "pause", "small")}${word("campaign_state", card.state)}</span>`;
  }

  private pace(card: WallCampaign): TemplateResult {
    const share = card.ratio !== null && card.ceiling ? Math.min(1, card.ratio / card.ceiling) : 0;
    return html`<span class="pace"><b class="num" data-testid="ratio">${card.ratio === null ? "–" : decimal(card.ratio)}</b>
      <span class="quiet num">${card.ceiling === null ? "" : `/ ${decimal(card.ceiling, 1)}`}</span>
      <meter class="pace-bar" min="0" max="1" value=${share} aria-label=${t("campaign.col_pace")}></meter></span>
      <span class="cell-under because" tabindex="0" data-tip=${`because-${card.id}`} aria-describedby=${`because-${card.id}`} data-testid="because" data-code=${card.because ?? ""}>${word("because", card.because)}</span>${tip(`because-${card.id}`, word("because_help", card.because))}${this.changed(card)}`;
  }

  /** When the reason changed last, and at which ratio it was dialled before. */
  private changed({ paced, ratio }: WallCampaign): TemplateResult | typeof nothing {
    if (!paced?.was || paced.from === null || ratio === null) return nothing;
    const said = t("campaign.changed", { time: clockTime(paced.at), from: decimal(paced.from, 1), was: word("because", paced.was) });
    return html`<span class="cell-under" data-testid="paced">${said}</span>`;
  }

  private people({ agents }: WallCampaign): TemplateResult {
    const part = (label: string, n = 0): TemplateResult => html`<span><b class="num">${count(n)}</b> <span class="quiet">${label}</span></span>`;
    return html`<span class="people">${part(t("state.IN_CALL"), agents.in_call)}${part(t("state.READY"), agents.ready)}${part(t("state.WRAP_UP"), agents.wrap_up)}${part(t("state.PAUSED"), agents.paused)}${agents.lost ? part(t("state.LOST"), agents.lost) : nothing}</span>`;
  }

  private today(card: WallCampaign): TemplateResult {
    const hour = this.wall.hours.get(card.id);
    return html`<b class="num">${t("campaign.answered_of", { answered: count(card.answered), dialed: count(card.dialed) })}</b>
      <span class="cell-under num">${card.answer_rate === null ? "–" : t("campaign.answer_rate", { rate: percent(card.answer_rate <= 1 ? card.answer_rate * 100 : card.answer_rate, 0) })} · ${plural("campaign.promises", card.promises)}</span>${hour ? sparkLine(hour) : nothing}`;
  }

  /** The hour's figure from 100 live calls on, else the day's; its level has a memory and comes from the server. */
  private abandonment(card: WallCampaign): TemplateResult {
    const { abandon_pct: day, abandon_60m: hour = null, abandon_limit_pct: limit, abandon_target_pct: target = null } = card;
    const pct = hour ?? day;
    const level = card.abandon_level ?? "ok";
    const held = limit === null ? "" : t("tile.target", { target: target === null ? "–" : bound(target), limit: bound(limit) });
    return html`<b class="num ${level}-text" data-testid="abandon-pct" data-level=${level}>${level !== "ok" ? icon(level, "small") : nothing}${pct === null ? "–" : percent(pct)}</b>
      <span class="cell-under num">${t(hour === null ? "campaign.over_day" : "campaign.over_hour")} · ${plural("campaign.abandoned", card.abandoned)}</span>
      ${this.window30(card)}
      ${limit === null ? nothing : html`<meter class="abandon-bar" min="0" max=${limit * 4 / 3} low=${target ?? limit} high=${limit} optimum="0" value=${pct ?? 0} aria-label=${t("campaign.col_abandon")} title=${held}></meter><span class="cell-under num">${held}</span>`}`;
  }

  /** Over the time that the law judges by; beyond the limit each free agent gets one line and no more. */
  private window30({ abandon_window_pct: pct = null, abandon_window_days: days = 30, abandon_limit_pct: limit }: WallCampaign): TemplateResult | typeof nothing {
    if (pct === null) return nothing;
    const bad = limit !== null && pct > limit;
    const said = days === 1 ? t("campaign.over_24h", { pct: percent(pct) }) : t("campaign.over_days", { days, pct: percent(pct) });
    return html`<span class="cell-under num ${bad ? "bad-text" : ""}" data-testid="abandon-window" data-level=${bad ? "bad" : "ok"}>${bad ? icon("bad", "small") : nothing}${said}</span>`;
  }

  private pop({ pop, pop_level: level = "ok" }: WallCampaign): TemplateResult {
    if (!pop?.n || pop.p95 === null) return html`<span class="quiet">–</span>`;
    return html`<b class="num ${level}-text" data-testid="pop-p95" data-level=${level}>${level !== "ok" ? icon(level, "small") : nothing}${count(pop.p95)} ms</b>
      <span class="cell-under num">p50 ${pop.p50 === null ? "–" : count(pop.p50)} · p99 ${pop.p99 === null ? "–" : count(pop.p99)}${pop.late ? ` · ${t("campaign.late", { count: pop.late })}` : ""}</span>`;
  }

  /** The end of the hours: as a time, and in the last hour as time left. */
  private window(until: number | null): string {
    if (!until) return t("campaign.no_window");
    const left = until - this.wall.clock.now();
    return left < HOUR_MS ? t("campaign.closes_in", { time: span(left) }) : t("campaign.until", { time: clockTime(until) });
  }

  private actions(card: WallCampaign): TemplateResult {
    const { wall } = this;
    const on = running.has(card.state);
    const name = html`<span class="sr"> ${card.name}</span>`;
    const deed = on ? "pause" : "start";
    const turn = html`<button class="chip-button" data-testid=${deed} @click=${() => this.tuner?.open(card, deed)}>${icon(on ? "pause" : "play", "small")}${t(`campaign.${deed}`)}${name}</button>`;
    const tune = html`<button class="chip-button" data-testid="tune" @click=${() => this.tuner?.open(card)}>${icon("tune", "small")}${t("campaign.tune")}${name}</button>`;
    const control = wall.may("control");
    return html`${control && !card.stopped && !over.has(card.state) ? turn : nothing} ${wall.may("stop") ? this.stopOrResume(card) : nothing} ${control && !over.has(card.state) ? tune : nothing}`;
  }

  private stopOrResume(card: WallCampaign): TemplateResult {
    const { wall } = this;
    const name = html`<span class="sr"> ${card.name}</span>`;
    if (card.stopped) {
      return html`<button class="chip-button" data-testid="resume" @click=${() => wall.ask(card.id)}>${icon("play", "small")}${t("stop.resume")}${name}</button>`;
    }
    return html`<button class="chip-button stop" data-testid="stop" @click=${() => wall.stop(card)}>${icon("stop", "small")}${t("stop.short")}${name}<kbd>${hint("stop_row")}</kbd></button>`;
  }
}

customElements.define("campaign-list", CampaignList);
