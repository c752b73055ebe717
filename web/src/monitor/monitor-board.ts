/** Live calls at the left, the chosen one at the right; requests for help above both. */
import { html, nothing, type TemplateResult } from "lit";
import { EachSecond } from "../each-second";
import { endedCurtain } from "../ended";
import { boot } from "../boot";
import { clockSeconds } from "../format";
import { plural, t, word } from "../i18n";
import { icon } from "../icons";
import "../wall/lead-strip";
import "./call-list";
import "./call-pane";
import { MonitorPart } from "./part";

export class MonitorBoard extends MonitorPart {
  constructor() {
    super();
    new EachSecond(this);
  }

  protected override updated(): void {
    const { monitor } = this;
    const state = monitor.link.state === "ended" ? "ENDED" : monitor.link.state === "lost" ? "DISCONNECTED" : monitor.loaded ? "LIVE" : "LOADING";
    this.dataset["state"] = state;
    this.dataset["stale"] = String(monitor.loaded && monitor.stale);
    this.dataset["mode"] = monitor.own?.mode ?? "";
    this.toggleAttribute("aria-busy", state === "LOADING");
    const dialog = this.querySelector<HTMLDialogElement>("[data-testid=ask]");
    if (monitor.asking && !dialog?.open) dialog?.showModal();
    if (!monitor.asking && dialog?.open) dialog.close();
  }

  override render(): TemplateResult {
    return html`<header class="status-bar-holder">${this.bar()} ${this.strip()}<lead-strip></lead-strip></header>
      <main class="monitor-main">
        <h1 class="sr">${t("monitor.title")}</h1>
        <call-list></call-list>
        <call-pane></call-pane>
      </main>
      ${this.ask()} ${this.curtain()}`;
  }

  private bar(): TemplateResult {
    const { monitor } = this;
    const fresh = !monitor.stale;
    return html`<div class="status-bar">
      <span class="bar-line ${fresh ? "" : "warn"}" data-testid="connection" data-link=${monitor.link.state}>
        ${icon(fresh ? "link" : "lost")}<span>${fresh ? t("wall.live") : word("link.word", monitor.link.state === "live" ? "stale" : monitor.link.state)}</span>
      </span>
      <strong>${t("monitor.title")}</strong>
      <span class="quiet num" data-testid="live-count">${plural("monitor.live", monitor.calls.length)}</span>
      <span class="bar-gap"></span>
      ${this.policy()}
      <span class="bar-clock num" data-testid="clock">${boot.demo_clock ? html`<span class="quiet">${t("bar.demo_time")}</span>` : nothing}${clockSeconds(monitor.clock.now())}<span class="quiet"> ICT</span></span>
      <span class="bar-user">${boot.user.name}</span>
    </div>`;
  }

  /** What an agent is told of listeners: the organisation's policy, which an administrator may change. */
  private policy(): TemplateResult {
    const { shown = true, sets_policy: sets = false } = boot.monitor ?? {};
    const said = t(shown ? "monitor.policy_shown" : "monitor.policy_hidden");
    if (!sets) return html`<span class="quiet" data-testid="policy">${said}</span>`;
    const change = (event: Event): void => {
      const on = (event.target as HTMLInputElement).checked;
      if (boot.monitor) boot.monitor.shown = on;
      void this.monitor.order("/monitor/policy", { shown: on }, t(on ? "monitor.policy_shown" : "monitor.policy_hidden"));
    };
    return html`<label class="monitor-policy"><input type="checkbox" .checked=${shown} data-testid="policy" @change=${change}>${t("monitor.policy")}</label>`;
  }

  private strip(): TemplateResult {
    const { monitor } = this;
    const row = (tone: string, name: "lost" | "bad" | "ok" | "warn", text: string, testid: string): TemplateResult =>
      html`<div class="strip"><div class="strip-row ${tone}" role="status" data-testid=${testid}>${icon(name)}<span>${text}</span></div></div>`;
    if (monitor.link.state === "lost") return row("warn", "lost", t("link.lost", { attempt: monitor.link.attempt }), "banner");
    if (monitor.problem) return row("bad", "bad", monitor.problem.sentence, "problem");
    if (monitor.over?.why === "VOICE_LOST") return row("bad", "warn", t("monitor.no_voice"), "no-voice");
    if (monitor.notice) return row("ok", "ok", monitor.notice, "notice");
    if (monitor.loaded && monitor.stale && monitor.floor) return row("warn", "warn", t("wall.stale_at", { time: clockSeconds(monitor.floor.stream_at ?? monitor.floor.now) }), "stale");
    return html`<div class="strip"><div class="strip-row plain"><span class="quiet">${t("monitor.hint")}</span></div></div>`;
  }

  /** Joining in and taking over are heard by a customer: asked once. */
  private ask(): TemplateResult {
    const { monitor } = this;
    const mode = monitor.asking ?? "BARGE";
    const cancel = (): void => {
      monitor.asking = null;
      monitor.changed();
    };
    const name = monitor.chosen?.name ?? "";
    return html`<dialog class="ask" aria-labelledby="ask-title" data-testid="ask" @close=${cancel}>
      <div class="dialog-body">
        <h2 id="ask-title">${t(`monitor.ask_${mode}`, { name })}</h2>
        <p>${t(`monitor.ask_${mode}_help`, { name })}</p>
        <p class="curtain-actions"><button class="button primary" autofocus data-testid="ask-yes" @click=${() => void monitor.step(mode, true)}>${t(`monitor.${mode}`)}</button>
        <button class="button" data-testid="ask-no" @click=${cancel}>${t("stop.cancel")}</button></p>
      </div>
    </dialog>`;
  }

  private curtain(): TemplateResult | typeof nothing {
    const { link } = this.monitor;
    return link.state === "ended" ? endedCurtain(link.code) : nothing;
  }
}
