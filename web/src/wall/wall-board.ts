/** The wall: bar, part of the floor, figures, then the view one is at. */
import { html, nothing, type TemplateResult } from "lit";
import { EachSecond } from "../each-second";
import { endedCurtain } from "../ended";
import { boot } from "../boot";
import { clockSeconds, decimal } from "../format";
import { t, word } from "../i18n";
import { icon } from "../icons";
import { ariaKeys, hint } from "../keys";
import { WallPart } from "./part";
import type { AgentDialog } from "./agent-dialog";
import "./agent-dialog";
import "./agent-list";
import "./campaign-list";
import "./floor-tiles";
import "./floor-view";
import "./lead-strip";
import { writePlace, type View } from "./place";
import "./tv-view";
import "./wall-tools";

export class WallBoard extends WallPart {
  constructor() {
    super();
    new EachSecond(this);
  }

  protected override updated(): void {
    const { wall } = this;
    const state = wall.link.state === "ended" ? "ENDED" : wall.link.state === "lost" ? "DISCONNECTED" : wall.loaded ? "LIVE" : "LOADING";
    this.dataset["state"] = state;
    this.dataset["stale"] = String(wall.loaded && wall.stale);
    this.dataset["view"] = wall.place.view;
    document.body.classList.toggle("tv", wall.place.view === "tv");
    this.toggleAttribute("aria-busy", state === "LOADING");
    const dialog = this.querySelector<HTMLDialogElement>("[data-testid=resume-dialog]");
    if (wall.resuming !== null && !dialog?.open) dialog?.showModal();
    if (wall.resuming === null && dialog?.open) dialog.close();
  }

  override render(): TemplateResult {
    if (this.wall.place.view === "tv") return html`<main class="wall-main"><h1 class="sr">${t("wall.title")}</h1><tv-view></tv-view></main>${this.curtain()}`;
    return html`<header class="status-bar-holder">${this.bar()} ${this.strip()}<lead-strip></lead-strip></header>
      <main class="wall-main" @agent-open=${this.lead}>
        <h1 class="sr">${t("wall.title")}</h1>
        <wall-tools></wall-tools>
        <floor-tiles></floor-tiles>
        ${this.view()}
      </main>
      ${this.ask()} <agent-dialog></agent-dialog> ${this.curtain()}`;
  }

  private readonly lead = ({ detail }: CustomEvent<{ user: string; name: string }>): void =>
    this.querySelector<AgentDialog>("agent-dialog")?.open(detail.user, detail.name);

  private view(): TemplateResult {
    switch (this.wall.place.view) {
      case "agents":
        return html`<agent-list></agent-list>`;
      case "campaigns":
        return html`<campaign-list></campaign-list>`;
      case "alerts":
        return html`<alert-feed class="whole" .whole=${true}></alert-feed>`;
      default:
        return html`<floor-view></floor-view>`;
    }
  }

  private tab(view: View): TemplateResult {
    const { place, active } = this.wall;
    const follow = (event: MouseEvent): void => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.wall.show(view);
    };
    const waiting = view === "alerts" && active.length ? html` <b class="tab-count num" data-testid="alerts-count">${active.length}</b>` : nothing;
    return html`<a class="wall-tab" href=${writePlace({ ...place, view, state: "" })} aria-current=${place.view === view ? "true" : nothing} data-testid=${`view-${view}`} @click=${follow}><span>${t(`wall.${view}`)}${waiting}</span></a>`;
  }

  private bar(): TemplateResult {
    const { wall } = this;
    const fresh = !wall.stale;
    return html`<div class="status-bar">
      <span class="bar-line ${fresh ? "" : "warn"}" data-testid="connection" data-link=${wall.link.state}>
        ${icon(fresh ? "link" : "lost")}<span>${fresh ? t("wall.live") : word("link.word", wall.link.state === "live" ? "stale" : wall.link.state)}</span>
        ${fresh && wall.age !== null ? html`<span class="quiet num" data-testid="stream-age">${t("wall.age", { seconds: decimal(wall.age / 1000, 1) })}</span>` : nothing}
      </span>
      <nav class="wall-tabs" aria-label=${t("wall.views")}>${(["floor", "campaigns", "agents", "alerts"] as const).map((view) => this.tab(view))}</nav>
      <span class="bar-gap"></span>
      ${this.stopKey()}
      <span class="bar-clock num" data-testid="clock">${boot.demo_clock ? html`<span class="quiet">${t("bar.demo_time")}</span>` : nothing}${clockSeconds(wall.clock.now())}<span class="quiet"> ICT</span></span>
      <span class="bar-user">${boot.user.name}</span>
    </div>`;
  }

  private stopKey(): TemplateResult | typeof nothing {
    const { wall } = this;
    if (!wall.may("stop")) return nothing;
    if (wall.stopped) {
      return html`<button class="bar-button resume" data-testid="resume-all" @click=${() => wall.ask(null)}>${icon("play")}<span>${t("stop.resume_all")}</span></button>`;
    }
    return html`<button class="bar-button stop" data-testid="stop-all" aria-keyshortcuts=${ariaKeys("stop")} @click=${() => wall.stop(null)}>
      ${icon("stop")}<span>${t("stop.all")}</span><kbd>${hint("stop")}</kbd>
    </button>`;
  }

  private strip(): TemplateResult {
    const { wall } = this;
    const row = (tone: string, name: "lost" | "bad" | "stop" | "ok" | "warn", text: string, testid: string): TemplateResult =>
      html`<div class="strip"><div class="strip-row ${tone}" role="status" data-testid=${testid}>${icon(name)}<span>${text}</span></div></div>`;
    if (wall.link.state === "lost") return row("warn", "lost", t("link.lost", { attempt: wall.link.attempt }), "banner");
    if (wall.problem) return row("bad", "bad", wall.problem.sentence, "problem");
    if (wall.stopped) return row("bad", "stop", t("stop.standing"), "dialing-stopped");
    if (wall.notice) return row("ok", "ok", wall.notice, "notice");
    if (wall.loaded && wall.stale && wall.floor) return row("warn", "warn", t("wall.stale_at", { time: clockSeconds(wall.floor.stream_at ?? wall.floor.now) }), "stale");
    const missing = wall.missingBranches;
    if (missing.length) return row("warn", "lost", t("wall.missing_branch", { branches: missing.join(", ") }), "missing-branch");
    return html`<div class="strip"><div class="strip-row plain"><span class="quiet">${this.wall.may("stop") ? t("wall.hint") : nothing}</span></div></div>`;
  }

  private ask(): TemplateResult {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const reason = new FormData(event.target as HTMLFormElement).get("reason") as string;
      this.wall.resume(reason.trim());
    };
    const cancel = (): void => {
      this.wall.resuming = null;
      this.wall.changed();
    };
    const one = this.wall.campaigns.find(({ id }) => id === this.wall.resuming);
    return html`<dialog class="ask" aria-labelledby="ask-title" data-testid="resume-dialog" @close=${cancel}>
      <form class="dialog-body" @submit=${submit}>
        <h2 id="ask-title">${one ? t("stop.ask_one", { name: one.name }) : t("stop.ask_all")}</h2>
        <label class="field"><span>${t("stop.reason")}</span><input name="reason" required minlength="3" autocomplete="off" autofocus data-testid="resume-reason"></label>
        <p class="curtain-actions"><button class="button primary" type="submit" data-testid="resume-confirm">${icon("play")}${t("stop.resume")}</button>
        <button class="button" type="button" @click=${cancel}>${t("stop.cancel")}</button></p>
      </form>
    </dialog>`;
  }

  private curtain(): TemplateResult | typeof nothing {
    const { link } = this.wall;
    return link.state === "ended" ? endedCurtain(link.code) : nothing;
  }
}
