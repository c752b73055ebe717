/** The wall as one object: cards of campaigns, floor and agents, the view chosen, stop and resume. */
import { boot } from "../boot";
import type { AgentCounts, CampaignCard, FloorCard, WallAgentCard } from "../cards";
import { post, type Problem } from "../http";
import { t } from "../i18n";
import type { ServerClock } from "../server-clock";
import type { Link } from "../socket";
import type { Store } from "../store";

export type View = "campaigns" | "agents";
const STREAM_RED_MS = 5000;
const NOTICE_MS = 5000;
const stoppers = new Set(["SUPERVISOR", "ADMIN"]);

export class WallModel {
  private readonly watchers = new Set<() => void>();
  link: Link = { state: "connecting", stale: false, attempt: 0, lostAt: null, code: null, rttMs: null };
  view: View = location.hash === "#agents" ? "agents" : "campaigns";
  problem: Problem | null = null;
  notice: string | null = null;
  /** What is being resumed: a campaign's id, or "" for all; a reason is asked first. */
  resuming: string | null = null;
  private noticeTimer: number | undefined;

  constructor(
    readonly store: Store,
    readonly clock: ServerClock,
  ) {
    store.subscribe(() => this.changed());
    addEventListener("hashchange", () => {
      this.view = location.hash === "#agents" ? "agents" : "campaigns";
      this.changed();
    });
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  relink(link: Link): void {
    this.link = link;
    this.changed();
  }

  get loaded(): boolean {
    return boot.channels.some((channel) => this.store.has(channel));
  }

  get floor(): FloorCard | null {
    for (const [key, value] of this.store.matching<FloorCard>("floor")) if (key === "floor") return value;
    return null;
  }

  get campaigns(): CampaignCard[] {
    const cards = [...this.store.matching<CampaignCard>("campaign:")].map(([, card]) => card);
    return cards.sort((a, b) => a.name.localeCompare(b.name, "vi") || a.id.localeCompare(b.id));
  }

  get agents(): WallAgentCard[] {
    return [...this.store.matching<WallAgentCard>("agent:")].map(([, card]) => card);
  }

  get counts(): AgentCounts {
    return this.floor?.agents ?? {};
  }

  get stopped(): boolean {
    return this.floor?.dialing_stopped ?? false;
  }

  get mayStop(): boolean {
    return boot.may?.["dialing.stop"] ?? stoppers.has(boot.user.role.toUpperCase());
  }

  get mayControl(): boolean {
    return boot.may?.["campaign.control"] ?? this.mayStop;
  }

  /** Age of the figures, ms; null before the first. */
  get age(): number | null {
    const at = this.floor?.stream_at ?? this.floor?.now;
    return at ? Math.max(0, this.clock.now() - at) : null;
  }

  get stale(): boolean {
    return this.link.state !== "live" || this.link.stale || (this.age ?? 0) > STREAM_RED_MS;
  }

  tell(sentence: string): void {
    this.notice = sentence;
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => {
      this.notice = null;
      this.changed();
    }, NOTICE_MS);
    this.changed();
  }

  private async order(path: string, body: unknown, done: string): Promise<void> {
    this.problem = null;
    const answer = await post(path, body);
    if (answer.ok) this.tell(done);
    else this.problem = answer.problem;
    this.changed();
  }

  /** Stopping asks nothing: it harms no live call and can be taken back. */
  stop(campaign: CampaignCard | null): void {
    if (!this.mayStop) return;
    const done = campaign ? t("stop.done_one", { name: campaign.name }) : t("stop.done_all");
    void this.order("/wall/stop", { campaign: campaign?.id ?? null, reason: "STOP_KEY" }, done);
  }

  /** Resuming asks why. */
  resume(reason: string): void {
    const campaign = this.resuming || null;
    this.resuming = null;
    void this.order("/wall/resume", { campaign, reason }, t("stop.resumed"));
  }

  ask(campaign: string | null): void {
    this.resuming = campaign ?? "";
    this.changed();
  }

  turn(campaign: CampaignCard, verb: "start" | "pause"): void {
    void this.order(`/campaigns/${campaign.id}/${verb}`, {}, t(`campaign.done_${verb}`, { name: campaign.name }));
  }

  show(view: View): void {
    history.replaceState(null, "", `#${view}`);
    this.view = view;
    this.changed();
  }
}
