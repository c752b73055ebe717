/** The chosen call: what may be done in it, who is in it, what the agent sees and types, and its story. */
import { html, nothing, type TemplateResult } from "lit";
import type { MonitorMode, ScreenPop } from "../cards";
import { clockSeconds, day, money, span } from "../format";
import { plural, t } from "../i18n";
import { icon, type IconName } from "../icons";
import { ariaKeys, hint } from "../keys";
import { MODES, type Picture } from "./model";
import "./lead-day";
import { MonitorPart } from "./part";
import "./score-card";

const MOST = 280;
const templates = ["slower", "amount", "date", "well"] as const;
const icons: Record<MonitorMode, IconName> = { LISTEN: "ear", WHISPER: "speech", BARGE: "people", TAKE_OVER: "handshake" };
const keys = { LISTEN: "monitor_listen", WHISPER: "monitor_whisper", BARGE: "monitor_barge", TAKE_OVER: null } as const;
const moments = ["dialing_at", "ringing_at", "answered_at", "painted_at", "connected_at", "ended_at", "wrapped_at"] as const;

export class CallPane extends MonitorPart {
  private readonly write = (): void => this.querySelector<HTMLTextAreaElement>("textarea")?.focus();

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("write", this.write);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("write", this.write);
  }

  override render(): TemplateResult {
    const { chosen, picture } = this.monitor;
    if (!chosen) return html`<p class="wall-empty" data-testid="nothing-chosen">${t("monitor.choose")}</p><lead-day></lead-day>`;
    return html`<section class="pane" aria-labelledby="pane-title" data-testid="pane" data-call=${chosen.call}>
      <header class="pane-head"><h2 id="pane-title">${chosen.name}</h2>${this.standing()}</header>
      ${this.deeds()} ${this.inside()} ${this.ended()}
      ${picture ? this.body(picture) : html`<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div>`}
    </section>`;
  }

  /** How one is in it oneself. */
  private standing(): TemplateResult {
    const { own, chosen } = this.monitor;
    const mine = own?.call === chosen?.call ? own : null;
    return html`<span class="mode-now ${mine ? "on" : ""}" role="status" data-testid="own-mode" data-mode=${mine?.mode ?? ""} data-heard=${mine?.heard ?? false}>${mine ? html`${icon(icons[mine.mode], "small")}${t(`monitor.now_${mine.mode}`)} <ticking-time class="num" since=${mine.since}></ticking-time>${mine.heard ? nothing : html` · ${t("monitor.connecting")}`}` : t("monitor.now_nothing")}</span>`;
  }

  private deeds(): TemplateResult {
    const { monitor } = this;
    const whys = [...new Set(MODES.map((mode) => monitor.hindrance(mode)).filter((why) => why !== null))];
    const inside = monitor.own?.call === monitor.chosen?.call;
    return html`<div class="pane-deeds" role="group" aria-label=${t("monitor.deeds")}>
        ${MODES.map((mode) => this.deed(mode))}
        <button class="button" ?disabled=${!inside} aria-keyshortcuts="Escape" data-testid="leave" @click=${() => monitor.leave()}>${icon("close", "small")}${t("monitor.leave")}<kbd>${hint("monitor_leave")}</kbd></button>
      </div>
      <p class="pane-why quiet" data-testid="why-not">${whys.join(" ")}</p>`;
  }

  private deed(mode: MonitorMode): TemplateResult {
    const { monitor } = this;
    const why = monitor.hindrance(mode);
    const on = monitor.own?.call === monitor.chosen?.call && monitor.own?.mode === mode;
    const key = keys[mode];
    return html`<button class="button ${on ? "primary" : ""}" aria-pressed=${on} aria-disabled=${why ? "true" : nothing} title=${why ?? t(`monitor.${mode}_help`)} aria-keyshortcuts=${key ? ariaKeys(key) : nothing} data-testid=${`do-${mode}`} @click=${() => void monitor.step(mode)}>${icon(icons[mode], "small")}${t(`monitor.${mode}`)}${key ? html`<kbd>${hint(key)}</kbd>` : nothing}</button>`;
  }

  /** Everybody who is in the call, and whether the agent knows. */
  private inside(): TemplateResult | typeof nothing {
    const watchers = this.monitor.sessions.get(this.monitor.chosen?.call ?? "")?.by ?? [];
    if (!watchers.length) return nothing;
    return html`<ul class="pane-inside" aria-label=${t("monitor.inside")} data-testid="inside">${watchers.map(({ user, name, mode, since, visible }) => html`<li data-user=${user} data-mode=${mode}>${icon(icons[mode], "small")}<b>${name}</b> ${t(`monitor.now_${mode}`)} <ticking-time class="num" since=${since}></ticking-time> <span class="quiet">${t(visible ? "monitor.agent_knows" : "monitor.agent_unaware")}</span></li>`)}</ul>`;
  }

  private ended(): TemplateResult | typeof nothing {
    const { over, chosen, own } = this.monitor;
    if (!over || over.call !== chosen?.call || own?.call === over.call) return nothing;
    return html`<p class="message ${over.why === "VOICE_LOST" ? "bad" : "info"}" role="status" data-testid="session-over" data-why=${over.why}>${t(`monitor.end_${over.why}`)} · ${clockSeconds(over.at)}</p>`;
  }

  private body(picture: Picture): TemplateResult {
    return html`<div class="pane-body">
      ${picture.screen ? this.customer(picture.screen) : html`<p class="quiet" data-testid="no-screen">${t("monitor.no_screen")}</p>`}
      ${this.typed(picture)} ${this.story(picture)} ${this.message()}
      <score-card></score-card>
    </div>`;
  }

  private customer({ customer, loan, reason, key_fact: fact, chips, next_action: next }: ScreenPop): TemplateResult {
    return html`<section class="pane-part" data-testid="picture" aria-label=${t("a.heading")}>
      <p class="pane-name"><b>${customer?.name ?? t("a.unknown")}</b> <span class="quiet num">${customer ? `CIF ${customer.cif}` : ""}</span></p>
      <p>${reason}</p>
      ${fact ? html`<p class="pane-fact ${fact.tone}">${icon(fact.tone === "bad" ? "bad" : fact.tone === "warn" ? "warn" : "info", "small")}${fact.text}</p>` : nothing}
      ${loan
        ? html`<dl class="pane-figures">
            <div><dt>${t("a.due")}</dt><dd class="num">${money(loan.due_minor, loan.currency)}</dd></div>
            <div><dt>${t("a.overdue")}</dt><dd class="num">${money(loan.overdue_minor, loan.currency)}</dd></div>
            <div><dt>${t("a.dpd")}</dt><dd class="num">${plural("a.days", loan.dpd, { days: loan.dpd })} · ${loan.bucket}</dd></div>
          </dl>`
        : nothing}
      ${chips.length ? html`<p class="call-marks">${chips.map(({ label, tone }) => html`<span class="state-chip ${tone}">${label}</span>`)}</p>` : nothing}
      <p class="quiet">${t("a.suggest")}: ${next}</p>
    </section>`;
  }

  /** Ticks and the outcome as they stand in the agent's hands. */
  private typed({ screen, draft, outcome }: Picture): TemplateResult {
    const ticked = new Set(draft.ticked ?? []);
    const statements = (screen?.compliance ?? []).filter(({ required, code }) => required || ticked.has(code));
    return html`<section class="pane-part" data-testid="typed" aria-label=${t("monitor.typed")}>
      <h3>${t("monitor.typed")}</h3>
      <ul class="pane-ticks">${statements.map(({ code, text }) => html`<li data-ticked=${ticked.has(code)}>${icon(ticked.has(code) ? "ok" : "off", "small")}<span>${text}</span><span class="sr">${t(ticked.has(code) ? "monitor.said" : "monitor.unsaid")}</span></li>`)}</ul>
      <p data-testid="draft-outcome">${outcome.length ? html`<b>${outcome.join(" › ")}</b>` : html`<span class="quiet">${t("monitor.no_outcome")}</span>`}${draft.promise ? html` · <span class="num">${money(draft.promise.amount_minor, draft.promise.currency)} · ${day(draft.promise.due_on, true)}</span>` : nothing}</p>
      ${draft.note ? html`<p class="pane-note">“${draft.note}”</p>` : nothing}
    </section>`;
  }

  private story({ moments: told, sessions, held_ms: held, cause }: Picture): TemplateResult {
    const at = (iso: string): string => clockSeconds(Date.parse(iso));
    const steps = [
      ...moments.filter((name) => told[name]).map((name) => ({ at: told[name] as string, text: t(`monitor.${name}`) })),
      ...sessions.map(({ by, mode, started_at: started, ended_at: ended }) => ({ at: started, text: `${by} · ${t(`monitor.now_${mode}`)}${ended ? ` → ${at(ended)}` : ""}` })),
    ].sort((a, b) => a.at.localeCompare(b.at));
    return html`<section class="pane-part" data-testid="story" aria-label=${t("monitor.story")}>
      <h3>${t("monitor.story")}</h3>
      <ol class="pane-story">${steps.map((step) => html`<li><span class="num quiet">${at(step.at)}</span> ${step.text}</li>`)}</ol>
      ${held ? html`<p class="quiet num">${t("monitor.held", { time: span(held) })}</p>` : nothing}${cause ? html`<p class="quiet">${cause}</p>` : nothing}
    </section>`;
  }

  /** A text to the desk, with when it was read. */
  private message(): TemplateResult | typeof nothing {
    const { monitor } = this;
    if (!monitor.may("coach")) return nothing;
    const field = (): HTMLTextAreaElement | null => this.querySelector("textarea");
    const fill = (event: Event): void => {
      const name = (event.target as HTMLSelectElement).value as (typeof templates)[number] | "";
      const area = field();
      if (name && area) area.value = t(`monitor.template_${name}`);
      area?.focus();
    };
    const send = (event: SubmitEvent): void => {
      event.preventDefault();
      const { chosen } = monitor;
      const text = field()?.value.trim() ?? "";
      if (!chosen || !text) return;
      void monitor.order(`/agents/${chosen.user}/message`, { text }, t("lead.sent", { name: chosen.name })).then((problem) => !problem && (event.target as HTMLFormElement).reset());
    };
    const { sent } = monitor;
    return html`<form class="pane-part pane-message" data-testid="message" @submit=${send}>
      <h3>${t("monitor.message")} <kbd>${hint("monitor_message")}</kbd></h3>
      <select aria-label=${t("monitor.templates")} data-testid="templates" @change=${fill}><option value="">${t("monitor.templates")}</option>${templates.map((name) => html`<option value=${name}>${t(`monitor.template_${name}`)}</option>`)}</select>
      <textarea required maxlength=${MOST} rows="2" aria-label=${t("lead.message", { most: MOST })} data-testid="message-text"></textarea>
      <p><button class="button" type="submit" data-testid="message-send">${t("lead.send")}</button>
      ${sent ? html`<span class="quiet num" role="status" data-testid="seen" data-seen=${sent.seen_at !== null}>${sent.seen_at ? t("monitor.seen_at", { time: clockSeconds(sent.seen_at) }) : t("monitor.sent_at", { time: clockSeconds(sent.at) })}</span>` : nothing}</p>
    </form>`;
  }
}

customElements.define("call-pane", CallPane);
