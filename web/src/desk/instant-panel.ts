/**
 * Zone A: who it is, why today, how much, how to treat them, what to suggest. Read in five seconds.
 *
 * Without a call the same frame says what the agent is waiting for; nothing of the last customer stays.
 */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { boot } from "../boot";
import type { Chip, ScreenPop } from "../cards";
import { money, moment, phone, shortName, span } from "../format";
import { plural, t, word } from "../i18n";
import { icon, type IconName } from "../icons";
import { ariaKeys, hint } from "../keys";
import { lines, tip, type Line } from "../tip";
import { DeskPart } from "./part";
import { announcement } from "./announcements";
import { nextAgreed } from "./own-day";
import { breakWord } from "./reasons";
import { last } from "./offer-pad";
import { reminderList } from "./reminders";
import { workList } from "./work-list";

const toneIcon: Record<string, IconName> = { bad: "bad", warn: "warn", info: "info" };
/** Characters; longer names are set a little smaller. */
const LONG_NAME = 28;
const chipIcons: Record<string, IconName> = {
  RISK: "shield",
  HARDSHIP: "handshake",
  COOPERATION: "speech",
  PREFERENCE: "clock",
  RELIABILITY: "history",
  VULNERABLE: "handshake",
};
const chipIds: Record<string, string> = {
  RISK: "risk",
  DISPUTE: "disputes",
  COOPERATION: "cooperation",
  PREFERENCE: "preference",
  RELIABILITY: "reliability",
};

export class InstantPanel extends DeskPart {
  /** How many chips stand behind the last one; and of which screen, at which width, that was found. */
  private folded = 0;
  private measured: Chip[] | null = null;
  private width = 0;

  override render(): TemplateResult {
    const { screen, facing } = this.desk;
    if (facing && screen) return screen.customer ? this.known(screen) : this.unknown(screen);
    if (facing) return this.awaited();
    return this.idle();
  }

  /** The heading takes the focus when a call pops; a screen reader then reads the panel in its order. */
  focusHeading(): void {
    this.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }

  private known(screen: ScreenPop): TemplateResult {
    const { customer } = screen;
    const hidden = this.desk.withOther;
    return html`
      <header class="who">
        <h1 tabindex="-1" class=${(customer?.name.length ?? 0) > LONG_NAME ? "long" : ""} data-testid="customer-name" title=${customer?.name ?? ""}>${shortName(customer?.name ?? "")}</h1>
        <p class="who-id quiet">
          <span data-testid="cif" class="num">CIF ${customer?.cif}</span> · ${word("kind", customer?.kind)}
          ${this.connecting()}
        </p>
      </header>
      <p class="greeting" data-testid="greeting">${quoted(screen.greeting)}</p>
      ${hidden ? this.privacy() : this.why(screen)} ${this.figures(screen, hidden)}
      ${hidden ? html`<p></p>` : this.chips(screen)}
      <p class="suggest">
        <span class="tag">${icon("next")}${t("a.suggest")}</span>
        <span data-testid="next-action">${hidden ? t("a.third_party_suggest") : screen.next_action}</span>
      </p>
    `;
  }

  private why(screen: ScreenPop): TemplateResult {
    const fact = screen.key_fact;
    return html`
      <p class="why">
        <span class="tag">${t("a.why")}</span>
        <span data-testid="reason" title=${screen.reason}>${screen.reason}</span>
      </p>
      <p class="key-fact ${fact?.tone ?? "none"}" data-testid="key-fact" data-tone=${fact?.tone ?? ""}>
        ${fact ? html`${icon(toneIcon[fact.tone] ?? "info")}<span title=${fact.text}>${fact.text}</span>` : html`<span class="quiet">${t("a.no_key_fact")}</span>`}
      </p>
    `;
  }

  private privacy(): TemplateResult {
    return html`<p class="why"></p>
      <p class="key-fact info" data-testid="privacy">${icon("shield")}<span>${t("a.third_party")}</span></p>`;
  }

  private figures(screen: ScreenPop, hidden: boolean): TemplateResult {
    const { loan } = screen;
    if (!loan) {
      return html`<dl class="figures"><div class="figure wide"><dt>${t("a.due")}</dt><dd class="plain">${screen.late ? t("a.late") : t("a.no_loan")}</dd></div></dl>`;
    }
    const shown = (minor: number): string => (hidden ? "•••••" : money(minor, loan.currency));
    const days = hidden ? "••" : plural("a.days", loan.dpd, { days: loan.dpd });
    return html`<dl class="figures">
      <div class="figure">
        <dt>${t("a.due")}</dt>
        <dd class="big num">${hidden ? html`<span data-testid="due">${shown(0)}</span>` : inWords("due", shown(loan.due_minor), [[t("a.due"), loan.words.due], [t("a.overdue"), loan.words.overdue]])}</dd>
        <dd class="sub num">${hidden ? nothing : html`${t("a.overdue")} <span data-testid="overdue">${shown(loan.overdue_minor)}</span>`}</dd>
      </div>
      <div class="figure">
        <dt>${t("a.dpd")}</dt>
        <dd class="big num" data-testid="dpd">${days}</dd>
        <dd class="sub">${hidden ? nothing : this.bucket(loan.bucket, loan.bucket_from)}</dd>
      </div>
      <div class="figure">
        <dt>${t("a.outstanding")}</dt>
        <dd class="mid num">${hidden ? html`<span data-testid="outstanding">${shown(0)}</span>` : inWords("outstanding", shown(loan.outstanding_minor), [[t("a.outstanding"), loan.words.outstanding]])}</dd>
        <dd class="sub" data-testid="product">${hidden ? nothing : html`${loan.product_label} <span class="num">••${loan.tail}</span>`}</dd>
      </div>
    </dl>`;
  }

  private bucket(now: string, from: string | null): TemplateResult {
    if (!from || from === now) return html`<span data-testid="bucket">${now}</span>`;
    const worse = now > from;
    return html`<span data-testid="bucket" class=${worse ? "warn-text" : ""}>${now} ${icon(worse ? "up" : "down", "small")}${t("a.from_bucket", { bucket: from })}</span>`;
  }

  /** What does not fit into the row stands behind the last one, `+2`. */
  private chips({ chips }: ScreenPop): TemplateResult {
    const folded = chips.slice(chips.length - this.folded);
    return html`<ul class="flags" data-testid="flags">
      ${repeat(chips, ({ code }) => code, (chip) => html`<li>${this.chip(chip)}</li>`)}
      <li class="more" ?hidden=${!folded.length}>
        <button type="button" class="flag" data-testid="more-flags" data-tip="tip-more" aria-describedby="tip-more" aria-label=${t("a.more_label", { count: folded.length })}>${t("a.more", { count: folded.length })}</button>
        ${tip("tip-more", html`${folded.map((chip) => html`<p class="tip-title">${chip.label}</p>${lines(chip.lines)}`)}`)}
      </li>
    </ul>`;
  }

  private chip({ code, label, tone, lines: rows }: Chip): TemplateResult {
    const id = `tip-${code}`;
    return html`<button type="button" class="flag ${tone}" data-testid=${chipIds[code] ?? "flag"} data-code=${code} data-tip=${id} aria-describedby=${id}>${icon(chipIcons[code] ?? toneIcon[tone] ?? "info")}<span>${label}</span></button>${tip(id, lines(rows))}`;
  }

  protected override updated(): void {
    const chips = this.desk.facing ? (this.desk.screen?.chips ?? null) : null;
    if (chips === this.measured && innerWidth === this.width) return;
    this.measured = chips;
    this.width = innerWidth;
    this.fold();
  }

  /** Hides the chips that would begin a second row. Read once per screen, before it is painted. */
  private fold(): void {
    const row = this.querySelector<HTMLElement>(".flags");
    const all = [...(row?.querySelectorAll<HTMLElement>("li:not(.more)") ?? [])];
    for (const item of all) item.hidden = false;
    const more = row?.querySelector<HTMLElement>(".more");
    if (!row || !more) return;
    const fits = (): boolean => row.scrollWidth <= row.clientWidth;
    more.hidden = true;
    let kept = all.length;
    if (!fits()) {
      more.hidden = false;
      while (kept > 1 && !fits()) {
        const last = all[--kept];
        if (last) last.hidden = true;
      }
    }
    if (all.length - kept === this.folded) return;
    this.folded = all.length - kept;
    this.requestUpdate();
  }

  private connecting(): TemplateResult | typeof nothing {
    const { known } = this.desk;
    if (known === "REVIEW") return html`<span class="connecting" data-testid="reviewing">${icon("review")}${t("offer.mark")}</span>`;
    if (known === "DIALING") return html`<span class="connecting" data-testid="connecting">${icon("call")}${t("offer.dials")}</span>`;
    if (known !== "RESERVED") return nothing;
    return html`<span class="connecting" data-testid="connecting">${icon("call")}${t("a.connecting")}</span>`;
  }

  private unknown(screen: ScreenPop): TemplateResult {
    const { call, late } = screen;
    return html`
      <header class="who">
        <h1 tabindex="-1" class="num" data-testid="customer-name">${phone(call.number)}</h1>
        <p class="who-id quiet">${this.connecting()}</p>
      </header>
      <p class="greeting" data-testid="greeting">${quoted(screen.greeting)}</p>
      <p class="why"><span class="tag">${t("bar.campaign")}</span><span data-testid="reason">${call.campaign?.name ?? "–"}</span></p>
      <p class="key-fact warn" data-testid=${late ? "data-late" : "unknown-customer"}>
        ${icon(late ? "clock" : "warn")}<span>${late ? t("a.late") : t("a.unknown")}</span>
      </p>
      <p class="prose">${late ? t("a.late_help") : t("a.unknown_help")}</p>
    `;
  }

  private awaited(): TemplateResult {
    const number = this.desk.call?.number;
    return html`
      <header class="who"><h1 tabindex="-1" class="num" data-testid="customer-name">${number ? phone(number) : t("a.coming")}</h1></header>
      <div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div>
      <p class="prose" data-testid="data-late">${t("a.late")}</p>
    `;
  }

  private idle(): TemplateResult {
    const { desk } = this;
    switch (desk.known) {
      case "READY":
        return this.ready();
      case "PAUSED":
        return this.paused();
      case "NOT_READY":
        return this.notReady();
      case "REVIEW":
        return this.manual();
      default:
        return html`<h1 tabindex="-1" class="idle-title">${t("state.LOADING")}</h1>
          <div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div>`;
    }
  }

  private ready(): TemplateResult {
    const { agent, correctable } = this.desk;
    if (this.desk.choosing.picks) return this.picking();
    return html`<div class="idle">
      <h1 tabindex="-1" class="idle-title" data-testid="ready-heading">${t("idle.ready")} <ticking-time class="num quiet" since=${agent?.since ?? nothing}></ticking-time></h1>
      <p class="lead" data-testid="waiting-for" data-code=${agent?.hindrance ?? ""}>${this.desk.practising ? t("training.waiting") : this.desk.notDialing !== null ? t("dialer.away") : agent?.hindrance ? t("idle.no_calls", { why: word("because", agent.hindrance) }) : t("idle.waiting")}${agent?.campaign ? html` · <b>${agent.campaign.name}</b>` : nothing}</p>
      ${correctable
        ? html`<p class="last-outcome" data-testid="last-outcome">
            ${icon("history")}<span class="quiet">${t("idle.last", { time: moment(correctable.at, this.desk.clock.now()) })}</span>
            <b>${correctable.label}</b>
            <button class="link" data-testid="correct" @click=${() => this.desk.startCorrection()}>${t("idle.correct")}</button>
          </p>`
        : nothing}
      ${last(this.desk)}${this.told(reminderList(this.desk), nextAgreed(this.desk))}
    </div>`;
  }

  /** A campaign in which agents pick: ready, with the list of whom they may call. */
  private picking(): TemplateResult {
    const { agent, notDialing, correctable } = this.desk;
    const why = notDialing !== null ? t("dialer.away") : agent?.hindrance ? t("idle.no_calls", { why: word("because", agent.hindrance) }) : null;
    return html`<div class="picking" data-testid="picking">
      <header class="picking-head"><h1 tabindex="-1" class="idle-title" data-testid="ready-heading">${t("idle.ready")}</h1>
        ${why ? html`<p class="lead" data-testid="waiting-for" data-code=${agent?.hindrance ?? ""}>${why}</p>` : nothing}
        ${correctable ? html`<button class="link" data-testid="correct" title=${correctable.label} @click=${() => this.desk.startCorrection()}>${t("idle.last", { time: moment(correctable.at, this.desk.clock.now()) })} · ${t("idle.correct")}</button>` : nothing}</header>
      ${workList(this.desk)}
    </div>`;
  }

  /** What an agent is told between calls. It stands beside the button, or below where there is none. */
  private told(...parts: (TemplateResult | typeof nothing)[]): TemplateResult | typeof nothing {
    return parts.some((part) => part !== nothing) ? html`<div class="idle-told">${parts}</div>` : nothing;
  }

  private paused(): TemplateResult {
    const { agent } = this.desk;
    const max = agent?.limit_ms ?? null;
    const over = agent?.overrun;
    return html`<div class="idle">
      <h1 tabindex="-1" class="idle-title">${breakWord(agent?.reason ?? null)}
        <ticking-time class="num quiet" data-testid="pause-time" since=${agent?.status_since ?? nothing} amber=${max ?? nothing} red=${max ? max + 300_000 : nothing}></ticking-time>
        ${max ? html`<span class="num quiet" data-testid="pause-max">/ ${span(max)}</span>` : nothing}
      </h1>
      ${over
        ? html`<p class="lead over-word ${over === "OVER" ? "warn" : "bad"}" data-testid="overrun" data-overrun=${over}>${icon(over === "OVER" ? "warn" : "bad")} ${t(`pause.${over}`)}</p>`
        : html`<p class="lead">${max ? t("idle.pause_help") : t("idle.pause_no_max")}</p>`}
      ${agent?.by ? html`<p class="quiet" data-testid="break-by">${t("pause.by", { name: agent.by })}</p>` : nothing}
      <div class="idle-act">${this.readyButton(t(this.desk.training ? "training.go" : "idle.back"))}</div>
      ${this.told(announcement(this.desk), reminderList(this.desk))}
    </div>`;
  }

  /** Manual mode: no call comes by itself; the agent picks. */
  private manual(): TemplateResult {
    return html`<div class="picking" data-testid="manual">
      <header class="picking-head"><h1 tabindex="-1" class="idle-title">${t("mode.review")}</h1>
        <button class="chip-button" data-testid="go-auto" @click=${() => this.desk.asks.turn("AUTO")}>${icon("back")}<span>${t("mode.to_auto")}</span></button></header>
      ${workList(this.desk)}
    </div>`;
  }

  private notReady(): TemplateResult {
    return html`<div class="idle">
      <h1 tabindex="-1" class="idle-title">${t("idle.hello", { name: boot.user.name })}</h1>
      <p class="lead">${this.desk.training ? t("training.not_ready") : this.desk.notDialing !== null ? t("dialer.away") : t("idle.not_ready")}</p>
      <div class="idle-act">${this.readyButton(t(this.desk.training ? "training.go" : "idle.go_ready"))}
        <p class="headset quiet" data-testid="headset" data-result=${this.desk.headset ?? ""}>${icon(this.desk.headset === "FAILED" ? "warn" : "mic")}<span>${this.telephone()}</span></p>${this.otherPhone()}</div>
      ${this.told(announcement(this.desk), reminderList(this.desk), nextAgreed(this.desk))}
    </div>`;
  }

  /** By what this agent speaks, and what is known of it. */
  private telephone(): TemplateResult {
    const { phone, headset } = this.desk;
    if (boot.phone_choice && !boot.softphone) return html`${t("phone.desk")}`;
    const state = phone?.state ?? "OFF";
    const known = state === "OFF" ? word("headset", headset ?? "UNKNOWN") : t(`phone.${state}`);
    return html`<span data-testid="phone-state" data-state=${state} data-talking=${!!phone?.talking}>${known}</span>`;
  }

  /** Where an agent may speak by his page or by his desk phone: devices of the one, the way to the other. */
  private otherPhone(): TemplateResult | typeof nothing {
    if (!boot.phone_choice) return nothing;
    const choose = (desk_phone: boolean) => (): void => void this.desk.order("phone", "/desk/phone/choice", { desk_phone }).then((done) => done && location.reload());
    if (!boot.softphone) return html`<p class="phone-links"><button class="link" data-testid="phone-page" @click=${choose(false)}>${t("phone.to_page")}</button></p>`;
    const check = (): boolean => this.dispatchEvent(new CustomEvent("phone-check", { bubbles: true }));
    return html`<p class="phone-links"><button class="link" data-testid="phone-devices" @click=${check}>${t("phone.devices")}</button>
      <button class="link" data-testid="phone-desk" @click=${choose(true)}>${t("phone.to_desk")}</button></p>`;
  }

  private readyButton(label: string): TemplateResult {
    return html`<button class="button primary big" data-testid="go-ready" aria-keyshortcuts=${ariaKeys("ready")}
      ?disabled=${this.desk.busy === "ready" || this.desk.state === "DISCONNECTED"} @click=${this.desk.ready}>
      ${icon("ready")}<span>${label}</span><kbd>${hint("ready")}</kbd>
    </button>`;
  }
}

/** An amount that says itself in words on hover, focus and touch. */
const inWords = (name: string, shown: string, words: Line[]): TemplateResult => {
  const id = `tip-${name}`;
  return html`<button type="button" class="amount-shown num" data-testid=${name} data-tip=${id} aria-describedby=${id}>${shown}</button>${tip(id, lines(words))}`;
};

const quoted = (text: string): string => (/^["“«]/.test(text) ? text : `“${text}”`);

customElements.define("instant-panel", InstantPanel);
