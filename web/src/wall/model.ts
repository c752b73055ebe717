/** The wall as one object: cards of its scope, the place one is at, and what a supervisor orders. */
import { boot } from "../boot";
import type { AgentCounts } from "../cards";
import { post, type Problem } from "../http";
import { t } from "../i18n";
import type { ServerClock } from "../server-clock";
import type { Link } from "../socket";
import type { Store } from "../store";
import { byUrgency } from "./alert-text";
import { branchOf, teamId, type AlertCard, type HourCard, type SettingsCard, type TeamCard, type WallAgent, type WallCampaign, type WallFloor } from "./cards";
import { abandonment, countAgents, effortOfFloor, sumTeams, type Figures } from "./figures";
import { readPlace, writePlace, type Place, type View } from "./place";
import { nameOrder, vietnamese } from "./name-order";
import { doing, levelOf, sinceOf, type Ground, type Judged } from "./thresholds";

const STREAM_RED_MS = 5000;
const NOTICE_MS = 5000;

/** What comes within a frame of the screen is drawn together: a second of the floor is several frames of the socket. */
const FRAME_MS = 16;

/** One agent whose line is lost is no branch that is missing. */
const LEAST_OF_BRANCH = 2;

export class WallModel {
  private readonly watchers = new Set<() => void>();
  private judgedAt = { second: -1, seq: -1, agents: [] as Judged[] };
  private seq = 0;
  /** What was read out of the cards since they changed last. */
  private readonly read = new Map<string, unknown>();
  private telling = false;
  link: Link = { state: "connecting", stale: false, attempt: 0, lostAt: null, code: null, rttMs: null };
  place: Place = readPlace(location.search);
  problem: Problem | null = null;
  notice: string | null = null;
  /** What is being resumed: a campaign's id, or "" for all; a reason is asked first. */
  resuming: string | null = null;
  private noticeTimer: number | undefined;

  constructor(
    readonly store: Store,
    readonly clock: ServerClock,
  ) {
    store.subscribe(() => {
      this.seq += 1;
      this.read.clear();
      this.changed();
    });
    addEventListener("popstate", () => {
      this.place = readPlace(location.search);
      this.changed();
    });
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  changed(): void {
    if (this.telling) return;
    this.telling = true;
    setTimeout(() => {
      this.telling = false;
      for (const watcher of this.watchers) watcher();
    }, FRAME_MS);
  }

  /** Read once for each state of the cards: 2,000 agents are walked over by name, not by every part that draws. */
  private once<T>(name: string, make: () => T): T {
    if (!this.read.has(name)) this.read.set(name, make());
    return this.read.get(name) as T;
  }

  private all<T>(prefix: string): T[] {
    return this.once(prefix, () => [...this.store.matching<T>(prefix)].map(([, card]) => card));
  }

  relink(link: Link): void {
    this.link = link;
    this.changed();
  }

  get loaded(): boolean {
    return boot.channels.some((channel) => this.store.has(channel));
  }

  private one<T>(key: string): T | null {
    return this.once(`=${key}`, () => {
      for (const [name, value] of this.store.matching<T>(key)) if (name === key) return value;
      return null;
    });
  }

  get floor(): WallFloor | null {
    return this.one<WallFloor>("floor");
  }

  get settings(): SettingsCard {
    return this.one<SettingsCard>("settings") ?? {};
  }

  get campaigns(): WallCampaign[] {
    return this.once("campaigns", () => [...this.all<WallCampaign>("campaign:")].sort((a, b) => vietnamese(a.name, b.name) || a.id.localeCompare(b.id)));
  }

  get hours(): Map<string, HourCard> {
    return this.once("hours", () => new Map([...this.store.matching<HourCard>("hour:")].map(([key, card]) => [key.slice("hour:".length), card])));
  }

  /** Every agent of the scope, filters or not. */
  get agents(): WallAgent[] {
    return this.all<WallAgent>("agent:");
  }

  get teams(): TeamCard[] {
    return this.all<TeamCard>("team:");
  }

  /** The teams that the agents are of, each as one of them names it. */
  get crews(): WallAgent[] {
    return this.once("crews", () => [...new Map(this.agents.map((agent) => [teamId(agent), agent])).values()]);
  }

  get alerts(): AlertCard[] {
    return this.once("alerts", () => [...this.all<AlertCard>("alert:")].sort(byUrgency));
  }

  get active(): AlertCard[] {
    return this.alerts.filter(({ state }) => state === "ACTIVE");
  }

  get counts(): AgentCounts {
    return this.floor?.agents ?? {};
  }

  /** What thresholds rest on. */
  get ground(): Ground {
    return this.once("ground", () => {
      const breaks = new Map((boot.pause_reasons ?? []).map(({ code, max_seconds: most }) => [code, most ?? Infinity]));
      const handling = new Map(this.campaigns.map((card) => [card.id, card.talk_s === null || card.talk_s === undefined ? null : card.talk_s + (card.wrap_s ?? 0)]));
      return { settings: this.settings, breaks, handling: (campaign) => (campaign ? (handling.get(campaign) ?? null) : null) };
    });
  }

  /** Agents within the filters of branch, team and campaign, each judged; once a second at most. */
  get judged(): Judged[] {
    const now = this.clock.now();
    const second = Math.floor(now / 1000);
    const held = this.judgedAt;
    if (held.second === second && held.seq === this.seq) return held.agents;
    const { ground } = this;
    const place = this.once("names", () => nameOrder(this.agents));
    const agents = this.agents.filter((agent) => this.within(agent)).map((agent) => ({ agent, level: levelOf(agent, ground, now), since: sinceOf(agent), place: place.get(agent.user) ?? 0 }));
    this.judgedAt = { second, seq: this.seq, agents };
    return agents;
  }

  private within(agent: WallAgent): boolean {
    const { branch, team, campaign } = this.place;
    return (!branch || branchOf(agent) === branch) && (!team || teamId(agent) === team) && (!campaign || agent.campaign?.id === campaign);
  }

  get troubled(): Judged[] {
    return this.judged.filter(({ agent, level }) => level !== "ok" && doing(agent) !== "OFFLINE");
  }

  /** Branches of which nobody at work can be heard: what is shown of them is of a while ago. */
  get missingBranches(): string[] {
    return this.once("missing", () => this.findMissing());
  }

  private findMissing(): string[] {
    const heard = new Map<string, { lost: number; all: number }>();
    for (const agent of this.agents) {
      const gone = agent.status === "OFFLINE" && agent.reason === "LINK_LOST";
      if (!branchOf(agent) || (agent.status === "OFFLINE" && !gone)) continue;
      const { lost, all } = heard.get(branchOf(agent)) ?? { lost: 0, all: 0 };
      heard.set(branchOf(agent), { lost: lost + (gone || agent.link === "LOST" ? 1 : 0), all: all + 1 });
    }
    return [...heard].filter(([, { lost, all }]) => all >= LEAST_OF_BRANCH && lost === all).map(([branch]) => branch);
  }

  get filtered(): boolean {
    const { branch, team, campaign } = this.place;
    return !!(branch || team || campaign);
  }

  get shownTeams(): TeamCard[] {
    const { branch, team } = this.place;
    return this.teams.filter((card) => (!branch || card.branch === branch) && (!team || card.id === team));
  }

  get shownCampaigns(): WallCampaign[] {
    const { branch, team, campaign } = this.place;
    if (campaign) return this.campaigns.filter(({ id }) => id === campaign);
    if (!branch && !team) return this.campaigns;
    const theirs = new Set(this.judged.map(({ agent }) => agent.campaign?.id));
    return this.campaigns.filter(({ id }) => theirs.has(id));
  }

  /** The figures of the tiles, within the filters. */
  get figures(): Figures {
    const { branch, team, campaign } = this.place;
    const abandoned = abandonment(this.shownCampaigns, this.hours);
    if (!this.filtered) return { counts: this.counts, effort: effortOfFloor(this.floor), abandoned };
    const effort = branch || team || !campaign ? sumTeams(this.shownTeams) : null;
    return { counts: countAgents(this.judged.map(({ agent }) => agent)), effort: campaign ? null : effort, abandoned };
  }

  get stopped(): boolean {
    return this.floor?.dialing_stopped ?? false;
  }

  may(what: "stop" | "control" | "alerts" | "thresholds" | "complete" | "coach" | "order"): boolean {
    return boot.may?.[what] ?? false;
  }

  /** Whether this person handles this alert: a lead his own team's, who sees the floor every one. */
  mayHandle(alert: AlertCard): boolean {
    if (!this.may("alerts")) return false;
    return boot.channels.includes("wall:campaigns") || (!!alert.team && boot.channels.includes(`wall:team:${alert.team}`));
  }

  /** Age of the figures, ms; null before the first. */
  get age(): number | null {
    const at = this.floor?.stream_at ?? this.floor?.now;
    return at ? Math.max(0, this.clock.now() - at) : null;
  }

  get stale(): boolean {
    const red = this.settings["STREAM_AGE"]?.red;
    return this.link.state !== "live" || this.link.stale || (this.age ?? 0) > (red ? red * 1000 : STREAM_RED_MS);
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

  /** Sends an order and says what came of it. Answers whether it was taken. */
  async order(path: string, body: unknown, done: string): Promise<Problem | null> {
    this.problem = null;
    const answer = await post(path, body);
    if (answer.ok) this.tell(done);
    else this.problem = answer.problem;
    this.changed();
    return answer.ok ? null : answer.problem;
  }

  /** Stopping asks nothing: it harms no live call and can be taken back. */
  stop(campaign: WallCampaign | null): void {
    if (!this.may("stop")) return;
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

  acknowledge(alert: AlertCard): void {
    if (this.mayHandle(alert)) void this.order(`/alerts/${alert.id}/ack`, {}, t("alerts.acked"));
  }

  shelve(alert: AlertCard, minutes: number): void {
    if (this.mayHandle(alert)) void this.order(`/alerts/${alert.id}/shelve`, { minutes }, t("alerts.shelved", { minutes }));
  }

  complete(agent: WallAgent): void {
    void this.order("/wall/complete", { user: agent.user }, t("agents.completed", { name: agent.name }));
  }

  /** Another view, with a way back; filters stay unless they are named. */
  show(view: View, filters: Partial<Place> = {}): void {
    this.move({ ...this.place, state: "", ...filters, view }, view !== this.place.view);
  }

  /** Other filters of the same view. */
  filter(filters: Partial<Place>): void {
    this.move({ ...this.place, ...filters }, false);
  }

  private move(place: Place, back: boolean): void {
    const address = writePlace(place);
    if (back) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    this.place = place;
    this.judgedAt.second = -1;
    this.changed();
  }
}
