/** The strip under the bar: quiet day figures, or the one thing that is abnormal now. Height fixed. */
import { html, nothing, type TemplateResult } from "lit";
import { boot } from "../boot";
import { clockSeconds, count, shortMoney } from "../format";
import { t } from "../i18n";
import { icon, type IconName } from "../icons";
import { ariaKeys, hint } from "../keys";
import type { DeskModel } from "./model";
import { DeskPart } from "./part";
import { reminderText } from "./reminders";

/** Ends of a call that neither side wanted. */
const broken = new Set(["CARRIER_ERROR", "AGENT_LOST"]);

interface Notice {
  tone: "bad" | "warn" | "ok" | "plain";
  icon: IconName;
  text: string;
  testid: string;
}

export class NoticeStrip extends DeskPart {
  override render(): TemplateResult {
    const notice = this.notice() ?? this.lesson();
    if (!notice) return html`<div class="strip-row plain">${this.training()} ${this.figures()} ${this.watched()} ${this.help()} ${this.user()}</div>`;
    return html`<div class="strip-row ${notice.tone}" role="status" data-testid=${notice.testid}>
      ${this.training()}${icon(notice.icon)}<span>${notice.text}</span>${this.watched()}${this.help()} ${this.user()}
    </div>`;
  }

  /** Stands first in every row while calls are played. */
  private training(): TemplateResult | typeof nothing {
    return this.desk.practising ? html`<b class="chip training" data-testid="training">${icon("history", "small")}${t("training.mark")}</b>` : nothing;
  }

  /** What the invented customer says; once an outcome is chosen, what it is worth. */
  private lesson(): Notice | null {
    const { desk } = this;
    const { lesson, verdict } = desk.practice;
    if (!desk.practising) return null;
    if (desk.engaged && verdict) {
      return { tone: verdict.fits ? "ok" : "warn", icon: verdict.fits ? "ok" : "info", text: t(verdict.fits ? "training.right" : "training.other", { why: verdict.why }), testid: "verdict" };
    }
    if (desk.engaged && lesson) return { tone: "plain", icon: "speech", text: t("training.says", { words: lesson.says }), testid: "customer-says" };
    return { tone: "plain", icon: "info", text: t("training.idle"), testid: "training-idle" };
  }

  /** Who of those who lead is in the call: told in every row, whatever else is (check MO3). */
  private watched(): TemplateResult | typeof nothing {
    const { watched } = this.desk.asks;
    if (!watched.length) return nothing;
    const [last] = watched.slice(-1);
    return html`<span class="watched-chip" role="status" data-testid="watched" data-mode=${last?.mode ?? ""}>${icon(last?.mode === "LISTEN" ? "ear" : "speech", "small")}${watched.map(({ name, mode }) => t(`watched.${mode}`, { name })).join(" · ")}</span>`;
  }

  /** Help: how to call for it, that it was called, who is coming. */
  private help(): TemplateResult {
    const { help } = this.desk.asks;
    const call = (): boolean => this.dispatchEvent(new CustomEvent("help-menu", { bubbles: true }));
    if (!help) return html`<button class="link help-chip" data-testid="help-button" aria-haspopup="menu" aria-keyshortcuts=${ariaKeys("help")} @click=${call}>${t("help.button")} <kbd>${hint("help")}</kbd></button>`;
    const text = help.by ? t("help.coming", { name: help.by }) : t("help.called");
    return html`<span class="help-chip ${help.by ? "coming" : ""}" role="status" data-testid="help-chip" data-by=${help.by ?? ""}>${icon(help.by ? "ok" : "bell", "small")}${text} <ticking-time class="num quiet" since=${help.since}></ticking-time>
      <button class="link" data-testid="help-withdraw" @click=${call}>✕<span class="sr">${t("help.withdraw")}</span></button></span>`;
  }

  private user(): TemplateResult {
    return html`<span class="strip-user">${boot.user.name}</span>`;
  }

  private notice(): Notice | null {
    const { desk } = this;
    if (desk.state === "DISCONNECTED") {
      const calm = desk.talking ? t("link.lost_call", { attempt: desk.link.attempt }) : t("link.lost", { attempt: desk.link.attempt });
      const waiting = desk.outbox.size;
      const text = waiting ? `${calm} · ${t("link.waiting", { count: waiting })}` : calm;
      return { tone: "warn", icon: "lost", text, testid: "banner" };
    }
    if (desk.problem) return { tone: "bad", icon: "bad", text: desk.problem.sentence, testid: "problem" };
    const silent = voiceless(desk);
    if (silent) return { tone: "warn", icon: "warn", text: silent, testid: "voice-lost" };
    if (desk.known === "WRAP_OVER") return { tone: "bad", icon: "clock", text: t("wrap.over"), testid: "wrap-over" };
    if (desk.notice) return { tone: "ok", icon: "ok", text: desk.notice, testid: "notice" };
    if (desk.link.stale) return { tone: "warn", icon: "warn", text: t("link.stale"), testid: "stale" };
    if (desk.notDialing !== null && !desk.engaged && !desk.practising) return { tone: "warn", icon: "warn", text: notDialing(desk.notDialing), testid: "not-dialing" };
    if (desk.waiting) return { tone: "warn", icon: "clock", text: t("link.waiting", { count: desk.waiting }), testid: "waiting" };
    if (desk.wrapping && broken.has(desk.call?.cause ?? "")) return { tone: "warn", icon: "warn", text: t("strip.broken"), testid: "broken" };
    if (desk.known === "HELD") return { tone: "warn", icon: "hold", text: t("strip.held"), testid: "held" };
    if (desk.talking && desk.agent?.muted) return { tone: "warn", icon: "micoff", text: t("strip.muted"), testid: "muted" };
    const reminder = desk.reminders[0];
    // A customer on the line, if an invented one, goes before what is due later.
    if (reminder && !(desk.practising && desk.engaged)) return { tone: reminder.state === "MISSED" ? "warn" : "ok", icon: "clock", text: reminderText(reminder, desk.clock.now()), testid: "reminder" };
    return null;
  }

  private figures(): TemplateResult {
    const stats = this.desk.stats;
    const cell = (label: string, value: string): TemplateResult =>
      html`<span class="strip-figure"><span class="quiet">${label}</span> <b class="num">${value}</b></span>`;
    const targets = this.desk.day?.targets;
    const of = (n: number | undefined, target: number | undefined): string =>
      target ? `${count(n ?? 0)} / ${count(target)}` : count(n ?? 0);
    return html`<span data-testid="stats" class="strip-figures">
      <span class="quiet">${t("strip.today")}</span>
      ${cell(t("stats.calls"), of(stats?.calls, targets?.calls))}
      ${cell(t("stats.contacts"), count(stats?.contacts ?? 0))}
      ${cell(t("stats.promises"), of(stats?.promises, targets?.promises))}
      ${stats?.promised_minor ? cell(t("stats.promised"), shortMoney(stats.promised_minor, stats.currency ?? "VND")) : ""}
    </span>`;
  }
}

/** Why nobody can speak with an agent who is there to be spoken with. */
function voiceless(desk: DeskModel): string | null {
  const { agent } = desk;
  if (desk.practising || agent?.voice !== "LOST") return null;
  if (desk.talking) return t("phone.lost_call");
  if (agent.status !== "READY") return null;
  return t(boot.softphone ? "phone.lost" : "phone.desk_lost");
}

function notDialing(beat: number): string {
  return beat ? t("dialer.away_since", { time: clockSeconds(beat) }) : t("dialer.away");
}

customElements.define("notice-strip", NoticeStrip);
