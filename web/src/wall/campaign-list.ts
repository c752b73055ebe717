/** One row for each campaign: pace and why, lines, people, abandonment against its limit, pop, stop. */
import { html, nothing, type TemplateResult } from "lit";
import type { CampaignCard } from "../cards";
import { clockTime, count, decimal, percent } from "../format";
import { t, word } from "../i18n";
import { icon } from "../icons";
import { WallPart } from "./part";
import { abandonLevel, popLevel } from "./thresholds";

const running = new Set(["RUNNING", "THROTTLED"]);

export class CampaignList extends WallPart {
  override render(): TemplateResult {
    const { campaigns } = this.wall;
    if (!campaigns.length) {
      return html`<p class="wall-empty" data-testid="campaigns-empty">${this.wall.loaded ? t("campaign.none") : t("state.LOADING")}</p>`;
    }
    return html`<div class="campaigns" role="region" aria-label=${t("wall.campaigns")} tabindex="0" data-testid="campaigns">
      <table>
        <thead><tr>
          ${(["name", "pace", "lines", "agents", "today", "abandon", "pop", "left"] as const).map((name) => html`<th scope="col">${t(`campaign.col_${name}`)}</th>`)}
          <th scope="col"><span class="sr">${t("campaign.col_actions")}</span></th>
        </tr></thead>
        <tbody>${campaigns.map((card) => this.row(card))}</tbody>
      </table>
    </div>`;
  }

  private press(event: KeyboardEvent, card: CampaignCard): void {
    const row = event.currentTarget as HTMLElement;
    const step = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.code];
    if (event.target !== row) return;
    if (event.code === "KeyS" && !event.altKey && !event.ctrlKey && !event.metaKey) this.wall.stop(card);
    else if (step instanceof HTMLElement) step.focus();
    else return;
    event.preventDefault();
  }

  private row(card: CampaignCard): TemplateResult {
    return html`<tr tabindex="0" class=${card.stopped ? "stopped" : ""} data-testid="campaign" data-id=${card.id} data-state=${card.stopped ? "STOPPED" : card.state}
      @keydown=${(event: KeyboardEvent) => this.press(event, card)}>
      <th scope="row"><span class="campaign-name">${card.name}</span><span class="cell-under">${this.state(card)} · ${word("mode", card.mode)}</span></th>
      <td>${this.pace(card)}</td>
      <td><b class="num" data-testid="lines">${count(card.lines)}</b>${card.lines_wanted !== null ? html`<span class="quiet num"> / ${count(card.lines_wanted)}</span>` : nothing}
        <span class="cell-under num ${card.waiting ? "warn-text" : ""}" data-testid="waiting">${t("campaign.waiting", { count: card.waiting })}</span></td>
      <td>${this.people(card)}</td>
      <td>${this.today(card)}</td>
      <td>${this.abandonment(card)}</td>
      <td>${this.pop(card)}</td>
      <td><b class="num" data-testid="leads-left">${card.leads_left === null ? "–" : count(card.leads_left)}</b>
        <span class="cell-under num">${card.window_until ? t("campaign.until", { time: clockTime(card.window_until) }) : t("campaign.no_window")}</span></td>
      <td class="actions">${this.actions(card)}</td>
    </tr>`;
  }

  private state(card: CampaignCard): TemplateResult {
    if (card.stopped) return html`<span class="state-chip bad">${icon("stop", "small")}${t("stop.mark")}</span>`;
    const on = running.has(card.state);
    const tone = card.state === "THROTTLED" ? "warn" : "";
    return html`<span class="state-chip ${tone}">${icon(on ? "play" : "pause", "small")}${word("campaign_state", card.state)}</span>`;
  }

  private pace(card: CampaignCard): TemplateResult {
    const share = card.ratio !== null && card.ceiling ? Math.min(1, card.ratio / card.ceiling) : 0;
    return html`<span class="pace"><b class="num" data-testid="ratio">${card.ratio === null ? "–" : decimal(card.ratio)}</b>
      <span class="quiet num">${card.ceiling === null ? "" : `/ ${decimal(card.ceiling, 1)}`}</span>
      <meter class="pace-bar" min="0" max="1" value=${share} aria-label=${t("campaign.col_pace")}></meter></span>
      <span class="cell-under because" data-testid="because" data-code=${card.because ?? ""} title=${word("because", card.because)}>${word("because", card.because)}</span>`;
  }

  private people({ agents }: CampaignCard): TemplateResult {
    const part = (label: string, n = 0): TemplateResult => html`<span><b class="num">${count(n)}</b> <span class="quiet">${label}</span></span>`;
    return html`<span class="people">${part(t("state.IN_CALL"), agents.in_call)}${part(t("state.READY"), agents.ready)}${part(t("state.WRAP_UP"), agents.wrap_up)}${part(t("state.PAUSED"), agents.paused)}${agents.lost ? part(t("state.LOST"), agents.lost) : nothing}</span>`;
  }

  private today(card: CampaignCard): TemplateResult {
    return html`<b class="num">${t("campaign.answered_of", { answered: count(card.answered), dialed: count(card.dialed) })}</b>
      <span class="cell-under num">${card.answer_rate === null ? "–" : t("campaign.answer_rate", { rate: percent(card.answer_rate <= 1 ? card.answer_rate * 100 : card.answer_rate, 0) })} · ${t("campaign.promises", { count: card.promises })}</span>`;
  }

  private abandonment(card: CampaignCard): TemplateResult {
    const { abandon_pct: pct, abandon_limit_pct: limit } = card;
    const level = abandonLevel(pct, limit);
    return html`<b class="num ${level}-text" data-testid="abandon-pct" data-level=${level}>${level !== "ok" ? icon(level, "small") : nothing}${pct === null ? "–" : percent(pct)}</b>
      <span class="cell-under num">${limit === null ? "" : t("tile.limit", { limit: percent(limit, 0) })} · ${t("campaign.abandoned", { count: card.abandoned })}</span>`;
  }

  private pop({ pop }: CampaignCard): TemplateResult {
    if (!pop?.n || pop.p95 === null) return html`<span class="quiet">–</span>`;
    const level = popLevel(pop.p95);
    return html`<b class="num ${level}-text" data-testid="pop-p95" data-level=${level}>${level !== "ok" ? icon(level, "small") : nothing}${count(pop.p95)} ms</b>
      <span class="cell-under num">p50 ${pop.p50 === null ? "–" : count(pop.p50)} · p99 ${pop.p99 === null ? "–" : count(pop.p99)}${pop.late ? ` · ${t("campaign.late", { count: pop.late })}` : ""}</span>`;
  }

  private actions(card: CampaignCard): TemplateResult {
    const { wall } = this;
    const on = running.has(card.state);
    const turn = html`<button class="chip-button" data-testid=${on ? "pause" : "start"} @click=${() => wall.turn(card, on ? "pause" : "start")}>${icon(on ? "pause" : "play", "small")}${on ? t("campaign.pause") : t("campaign.start")}<span class="sr"> ${card.name}</span></button>`;
    return html`${wall.mayControl && !card.stopped ? turn : nothing} ${wall.mayStop ? this.stopOrResume(card) : nothing}`;
  }

  private stopOrResume(card: CampaignCard): TemplateResult {
    const { wall } = this;
    const name = html`<span class="sr"> ${card.name}</span>`;
    if (card.stopped) {
      return html`<button class="chip-button" data-testid="resume" @click=${() => wall.ask(card.id)}>${icon("play", "small")}${t("stop.resume")}${name}</button>`;
    }
    return html`<button class="chip-button stop" data-testid="stop" @click=${() => wall.stop(card)}>${icon("stop", "small")}${t("stop.short")}${name}<kbd>S</kbd></button>`;
  }
}

customElements.define("campaign-list", CampaignList);
