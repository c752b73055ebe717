/** The desk: four fixed zones under a bar. Holds the state attribute that styles and tests read. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { boot } from "../boot";
import type { ScreenPop } from "../cards";
import { phone, spokenMoney } from "../format";
import { plural, t } from "../i18n";
import { icon } from "../icons";
import { endedCurtain } from "../ended";
import type { CoachStrip } from "./coach-strip";
import type { HelpMenu } from "./help-menu";
import type { InstantPanel } from "./instant-panel";
import type { OutcomePad } from "./outcome-pad";
import { DeskPart } from "./part";
import type { PauseMenu } from "./pause-menu";
import type { PhoneCheck } from "./phone-check";
import type { QuickCards } from "./quick-cards";
import type { SayTick } from "./say-tick";
import { stateWord } from "./words";
import "./coach-strip";
import "./help-menu";
import "./instant-panel";
import "./notice-strip";
import "./outcome-pad";
import "./pause-menu";
import "./phone-check";
import "./quick-cards";
import "./say-tick";
import type { ReminderInbox } from "./reminder-inbox";
import "./reminder-inbox";
import "./status-bar";

const LONG_LOST_MS = 120_000;
const LAST_SECONDS_MS = 10_000;

export class AgentDesk extends DeskPart {
  private popped: string | null = null;
  private curtained = false;
  private warned: number | null = null;
  private timer: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => this.everySecond(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  get panel(): InstantPanel | null {
    return this.querySelector<InstantPanel>("instant-panel");
  }
  get cards(): QuickCards | null {
    return this.querySelector<QuickCards>("quick-cards");
  }
  get say(): SayTick | null {
    return this.querySelector<SayTick>("say-tick");
  }
  get pad(): OutcomePad | null {
    return this.querySelector<OutcomePad>("outcome-pad");
  }
  get pauseMenu(): PauseMenu | null {
    return this.querySelector<PauseMenu>("pause-menu");
  }
  get helpMenu(): HelpMenu | null {
    return this.querySelector<HelpMenu>("help-menu");
  }
  get inbox(): ReminderInbox | null {
    return this.querySelector<ReminderInbox>("reminder-inbox");
  }
  get phoneCheck(): PhoneCheck | null {
    return this.querySelector<PhoneCheck>("phone-check");
  }
  get coach(): CoachStrip | null {
    return this.querySelector<CoachStrip>("coach-strip");
  }

  finish = (): void => {
    this.desk.finish();
    this.showMissing();
  };

  /** Puts the cursor on the first thing that is lacking. */
  showMissing = (): void => {
    const first = this.desk.missing[0];
    if (!first) return;
    if (first.kind === "tick") this.say?.focusTick(first.code);
    else void this.pad?.updateComplete.then(() => this.pad?.focusMissing(first.kind, first.code));
  };

  private everySecond(): void {
    const { agent, known } = this.desk;
    const left = known === "WRAP_UP" && agent?.deadline ? agent.deadline - this.desk.clock.now() : null;
    // Said once per deadline, not every second.
    if (left !== null && left <= LAST_SECONDS_MS && this.warned !== agent?.deadline) {
      this.warned = agent?.deadline ?? null;
      this.polite(t("wrap.ten_seconds"));
    }
    if (this.desk.state === "DISCONNECTED" || this.desk.last) this.requestUpdate();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { state, known } = this.desk;
    this.dataset["state"] = state;
    this.dataset["known"] = known;
    this.toggleAttribute("data-training", this.desk.practising);
    this.toggleAttribute("aria-busy", state === "LOADING");
    this.dataset["stale"] = String(this.desk.link.stale || state === "DISCONNECTED");
    this.announce();
    this.keepPrivate();
    this.meetCurtain();
    document.title = this.pageTitle();
  }

  /** What lies over the page takes the focus when it comes, so that its keys are at hand. */
  private meetCurtain(): void {
    const curtain = this.querySelector<HTMLElement>(".curtain");
    const came = curtain !== null && !this.curtained;
    this.curtained = curtain !== null;
    if (came) curtain.querySelector<HTMLElement>("button, a")?.focus();
  }

  /** One sentence at the pop, assertively; the heading takes the focus, no field does. */
  private announce(): void {
    const { screen, facing } = this.desk;
    const call = facing ? (screen?.call.id ?? null) : null;
    if (call === this.popped) return;
    this.popped = call;
    const live = this.live;
    if (!live) return;
    live.textContent = screen && call ? sentence(screen) : "";
    if (!call) this.polite("");
    if (call) void this.panel?.updateComplete.then(() => this.panel?.focusHeading());
  }

  private get live(): Element | null {
    return this.querySelector("[data-testid=live]");
  }

  /** What was announced at the pop names the debt: it goes as soon as somebody else is on the line. */
  private keepPrivate(): void {
    if (!this.desk.withOther || !this.live?.textContent) return;
    this.live.textContent = "";
    this.polite(t("a.third_party"));
  }

  private polite(text: string): void {
    const live = this.querySelector("[data-testid=live-polite]");
    if (live) live.textContent = text;
  }

  private pageTitle(): string {
    const { screen, facing, known } = this.desk;
    const name = screen?.customer?.spoken;
    if (facing && screen && name) {
      return screen.loan && !this.desk.withOther ? plural("desk.title_call", screen.loan.dpd, { name, days: screen.loan.dpd }) : `☎ ${name}`;
    }
    return `${this.desk.practising ? t("training.campaign") : stateWord(known)} · Paceline`;
  }

  override render(): TemplateResult {
    const { desk } = this;
    const dim = desk.wrapping ? "spent" : "";
    return html`
      <header class="status-bar-holder" @help-menu=${() => this.helpMenu?.toggle()}>
        <status-bar class="status-bar" data-testid="status-bar" @pause-menu=${() => this.pauseMenu?.toggle()}></status-bar><pause-menu></pause-menu><help-menu></help-menu>
        <coach-strip></coach-strip><notice-strip class="strip"></notice-strip></header>
      <main class="zones" @inbox=${() => this.inbox?.toggle()} @finish-call=${this.finish} @show-missing=${this.showMissing} @phone-check=${() => void this.phoneCheck?.show()}>
        <instant-panel class="zone zone-a ${dim}" role="region" aria-label=${t("a.heading")} data-testid="zone-a"></instant-panel>
        <quick-cards class="zone zone-b" role="region" aria-label=${t("b.heading")} data-testid="zone-b"></quick-cards>
        <say-tick class="zone zone-c" role="region" aria-label=${t("c.heading")} data-testid="zone-c"></say-tick>
        <outcome-pad class="zone zone-d ${desk.known === "WRAP_OVER" ? "over" : ""}" role="region" aria-label=${t("d.heading")} data-testid="zone-d"></outcome-pad>
      </main>
      <reminder-inbox></reminder-inbox>
      ${boot.softphone ? html`<phone-check></phone-check>` : nothing}
      <p class="sr" role="alert" aria-live="assertive" data-testid="live"></p>
      <p class="sr" aria-live="polite" data-testid="live-polite"></p>
      ${this.curtain()}
    `;
  }

  /** Over everything: only when this page cannot go on by itself. */
  private curtain(): TemplateResult | typeof nothing {
    const { link } = this.desk;
    if (link.state === "ended") return this.ended(link.code);
    const longLost = link.lostAt !== null && performance.now() - link.lostAt > LONG_LOST_MS;
    return link.state === "lost" && longLost ? this.longLost() : nothing;
  }

  private ended(code: number | null): TemplateResult {
    const { agent } = this.desk;
    const by = agent?.status === "OFFLINE" ? agent.by : null;
    return endedCurtain(code, (why) => html`<p>${by ? t("ended.by", { name: by }) : t(`ended.${why}_help`)}</p>`, this.copyButton());
  }

  private longLost(): TemplateResult {
    return html`<section class="curtain" role="alertdialog" aria-labelledby="curtain-title" data-testid="long-lost">
      <h2 id="curtain-title">${icon("lost")}${t("link.long_lost")}</h2>
      <p>${t("link.long_lost_help")}</p>
      ${this.lead()}
      <p class="curtain-actions">
        <button class="button primary" @click=${() => this.dispatchEvent(new CustomEvent("hurry", { bubbles: true }))}>${t("link.retry")}</button>
        ${this.copyButton()}
      </p>
    </section>`;
  }

  /** Whom to ring: written into the page when it was loaded, for now nothing can be asked. */
  private lead(): TemplateResult | typeof nothing {
    const { name, phone: number } = boot.lead ?? {};
    if (!name && !number) return nothing;
    const told = number ? phone(number) : "";
    return html`<p class="lead-phone" data-testid="lead-phone">${icon("call")}<span>${t("link.call_lead", { name: name ?? t("link.team_lead") })}</span> <b class="num">${told}</b></p>`;
  }

  private copyButton(): TemplateResult | typeof nothing {
    const note = this.desk.draft?.note;
    if (!note) return nothing;
    return html`<button class="button" @click=${() => void navigator.clipboard?.writeText(note)}>${t("link.copy_note")}</button>`;
  }
}

function sentence(screen: ScreenPop): string {
  const { customer, loan } = screen;
  if (!customer) return t("live.unknown", { number: screen.call.number });
  if (!loan) return t("live.no_loan", { name: customer.spoken });
  const due = spokenMoney(loan.due_minor, loan.currency);
  return plural("live.call", loan.dpd, { name: customer.spoken, days: loan.dpd, due });
}
