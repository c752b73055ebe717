/** The bar above the desk: line, campaign, state with its time, call controls, clock. Never moves. */
import { html, nothing, type TemplateResult } from "lit";
import { EachSecond } from "../each-second";
import { boot } from "../boot";
import { clockTime } from "../format";
import { t, word } from "../i18n";
import { icon } from "../icons";
import { ariaKeys, hint } from "../keys";
import { DeskPart } from "./part";
import { stateIcon, stateWord } from "./words";
import type { AskedCard } from "../cards";
import { breakWord } from "./reasons";

const RING = 2 * Math.PI * 9;

export class StatusBar extends DeskPart {
  constructor() {
    super();
    new EachSecond(this);
  }

  override render(): TemplateResult {
    return html`${this.line()} ${this.campaign()} ${this.stateCell()} ${this.controls()}
      <span class="bar-break">${this.pending()}</span> ${this.clock()}`;
  }

  private line(): TemplateResult {
    const { link } = this.desk;
    const good = link.state === "live" && !link.stale;
    const name = link.state === "live" ? (link.stale ? "stale" : "live") : link.state;
    return html`<span class="bar-line ${good ? "" : "warn"}" data-testid="connection" data-link=${name}>
      ${icon(good ? "link" : "lost")}<span>${word("link.word", name)}</span>
      ${good && link.rttMs !== null ? html`<span class="quiet num">${link.rttMs} ms</span>` : nothing}
    </span>`;
  }

  /** Who finds the next customer. */
  private mode(): TemplateResult {
    if (this.desk.practising) return html`<b class="warn-text" data-testid="mode" data-mode="TRAINING">${t("training.campaign")}</b>`;
    const { mode } = this.desk.asks;
    const { dialing } = this.desk.agent ?? {};
    const shown = mode === "AUTO" && dialing === "PREVIEW" ? t("campaigns.mode_PREVIEW") : t(`mode.${dialing === "MANUAL" ? "MANUAL" : mode}`);
    return html`<b data-testid="mode" data-mode=${mode} data-dialing=${dialing ?? ""}>${shown}</b>`;
  }

  /** The other mode, chosen for after this call; in the place of the campaign's name. */
  private pendingMode(): TemplateResult | null {
    const { asks } = this.desk;
    if (asks.wantedMode === asks.mode) return null;
    return html`<button class="link" data-testid="pending-mode" @click=${() => asks.turn(asks.mode)}>${t(`mode.after_${asks.wantedMode}`)} ✕<span class="sr">${t("bar.pending_cancel")}</span></button>`;
  }

  private campaign(): TemplateResult {
    const name = this.desk.screen?.call.campaign?.name ?? this.desk.agent?.campaign?.name;
    return html`<span class="bar-campaign" data-testid="campaign"
      >${this.desk.notDialing === null ? this.mode() : html`<b class="warn-text" data-testid="dialer-down">${icon("warn", "small")}${t("dialer.down")}</b>`}${this.pendingMode() ?? html`<span title=${name ?? ""}>${name ?? t("bar.no_campaign")}</span>`}</span
    >`;
  }

  private stateCell(): TemplateResult {
    const { desk } = this;
    const state = desk.known;
    const named = state === "PAUSED" ? breakWord(desk.agent?.reason ?? null) : stateWord(state);
    const lost = desk.state === "DISCONNECTED";
    const shown = lost ? t("bar.last_known", { state: named }) : named;
    return html`<span class="bar-state" data-testid="agent-state" data-state=${state}>
      ${this.counting ? this.ring() : icon(stateIcon(state))}${this.time()}<strong title=${shown}>${lost ? html`<span class="last-known">${t("bar.last_known", { state: "" })}</span>` : nothing}${named}</strong>
    </span>`;
  }

  private time(): TemplateResult | typeof nothing {
    const { agent, call, known } = this.desk;
    if (!agent) return html`<span class="num"></span>`;
    if (this.counting) return html`<ticking-time class="num" data-testid="wrap-countdown" until=${agent.deadline}></ticking-time>`;
    const since = this.desk.talking ? (call?.connected_at ?? agent.since) : agent.since;
    if (known === "PAUSED") {
      const max = agent.limit_ms ?? null;
      return html`<ticking-time class="num" data-testid="state-time" since=${agent.status_since}
        amber=${max ?? nothing} red=${max ? max + 300_000 : nothing}></ticking-time>`;
    }
    return html`<ticking-time class="num" data-testid="state-time" since=${since}></ticking-time>`;
  }

  private get counting(): boolean {
    return this.desk.known === "WRAP_UP" && !!this.desk.agent?.deadline;
  }

  private ring(): TemplateResult {
    const { agent, clock } = this.desk;
    const [since, until] = [agent?.since ?? 0, agent?.deadline ?? 0];
    const share = Math.min(1, Math.max(0, until - clock.now()) / Math.max(1, until - since));
    return html`<svg class="ring" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="9"></circle>
      <circle cx="12" cy="12" r="9" class="left" stroke-dasharray=${RING} stroke-dashoffset=${RING * (1 - share)}></circle>
    </svg>`;
  }

  private controls(): TemplateResult {
    const { desk } = this;
    const off = !desk.talking;
    const muted = !!desk.agent?.muted && !off;
    const held = desk.known === "HELD";
    const armed = desk.hangupArmed;
    return html`<span class="bar-controls" role="group" aria-label=${t("bar.controls")}>
      <button class="bar-button" ?disabled=${off} aria-pressed=${muted} aria-keyshortcuts=${ariaKeys("mute")} data-testid="mute" @click=${desk.mute}>
        ${icon(muted ? "micoff" : "mic")}<span>${muted ? t("bar.unmute") : t("bar.mute")}</span><kbd>${hint("mute")}</kbd>
      </button>
      <button class="bar-button" ?disabled=${off} aria-pressed=${held} aria-keyshortcuts=${ariaKeys("hold")} data-testid="hold" @click=${desk.hold}>
        ${icon(held ? "play" : "hold")}<span>${held ? t("bar.unhold") : t("bar.hold")}</span><kbd>${hint("hold")}</kbd>
      </button>
      <button class="bar-button end ${armed ? "armed" : ""}" ?disabled=${off && desk.known !== "DIALING"} aria-keyshortcuts=${ariaKeys("hangup")} data-testid="hangup" @click=${() => desk.hangUp()}>
        ${icon("hangup")}<span>${armed ? t("bar.hangup_again") : t("bar.hangup")}</span><kbd>${hint("hangup")}</kbd>
      </button>
    </span>`;
  }

  private pending(): TemplateResult {
    const { desk } = this;
    const { pending } = desk;
    const asked = desk.asks.breakAsked;
    if (pending && desk.asks.ordered) return html`<span class="chip warn" data-testid="pending" data-ordered="true">${this.pendingText()}${pending.by ? ` · ${pending.by}` : ""}</span>`;
    if (!pending && asked) return this.asked(asked);
    if (pending) {
      return html`<button class="chip-button warn" data-testid="pending" @click=${desk.cancelPending}>
        <span title=${this.pendingText()}>${this.pendingText()}</span>
        ${icon("close", "small")}<span class="sr">${t("bar.pending_cancel")}</span>
      </button>`;
    }
    return html`<button class="bar-button" data-testid="pause-menu-button" aria-haspopup="menu" aria-keyshortcuts=${ariaKeys("pause")}
      ?disabled=${desk.known === "LOADING"} @click=${() => this.dispatchEvent(new CustomEvent("pause-menu", { bubbles: true }))}>
      ${icon("pause")}<span>${t("bar.pause")}</span><kbd>${hint("pause")}</kbd>
    </button>`;
  }

  private pendingText(): string {
    const { pending } = this.desk;
    if (!pending) return "";
    if (pending.status === "PAUSED") return t("bar.pending_pause", { reason: breakWord(pending.reason) });
    return pending.status === "OFFLINE" ? t("bar.pending_leave") : t("bar.pending_status", { status: word("state", pending.status) });
  }

  /** A break that somebody has to grant, or did not. */
  private asked(asked: AskedCard): TemplateResult {
    const text = asked.denied ? t("pause.denied", { name: asked.by ?? "" }) : t("pause.asked", { reason: breakWord(asked.reason) });
    return html`<button class="chip-button ${asked.denied ? "bad" : "warn"}" data-testid="break-asked" data-denied=${asked.denied} @click=${this.desk.asks.withdrawBreak}>
      <span title=${text}>${text}</span>${icon("close", "small")}<span class="sr">${t("bar.pending_cancel")}</span>
    </button>`;
  }

  private clock(): TemplateResult {
    const now = clockTime(this.desk.clock.now());
    return html`<span class="bar-clock num" data-testid="clock">
      ${boot.demo_clock ? html`<span class="quiet">${t("bar.demo_time")}</span>` : nothing}${now}<span class="quiet"> ICT</span>
    </span>`;
  }
}

customElements.define("status-bar", StatusBar);
