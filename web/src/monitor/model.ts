/** Live calls as one object: who speaks, who is in which call, the chosen one, and stepping in and out. */
import { boot } from "../boot";
import type { LeftCard, MonitorMode, ScreenPop, SentCard, WatchersCard } from "../cards";
import { get, post, postLast } from "../http";
import { t } from "../i18n";
import type { PagePhone } from "../phone/page-phone";
import { plain } from "../plain";
import type { ServerClock } from "../server-clock";
import type { Store } from "../store";
import { teamId, type WallAgent } from "../wall/cards";
import { WallModel } from "../wall/model";
import { nameOrder } from "../wall/name-order";

/** The server ends a session whose page says nothing for 10 s. */
const STAY_MS = 3000;
const PICTURE_MS = 2000;
const DETAILS_MS = 2000;
const LONG_MS = 600_000;
const REGISTERED_MS = 5000;
const LOOK_MS = 50;

export const MODES = ["LISTEN", "WHISPER", "BARGE", "TAKE_OVER"] as const;
const paths: Record<MonitorMode, string> = { LISTEN: "listen", WHISPER: "whisper", BARGE: "barge", TAKE_OVER: "take-over" };

/** What the server knows of a live call beside its agent's card. */
interface Details {
  call: string;
  agent: string;
  bucket: string | null;
  dpd: number | null;
  flags: string[];
  reasons: string[];
}

/** One call as whoever listens sees it. */
export interface Picture {
  call: string | null;
  agent: string;
  campaign: string | null;
  moments: Record<string, string>;
  held_ms: number;
  cause: string | null;
  outcome: string[];
  screen: ScreenPop | null;
  draft: { note?: string; ticked?: string[]; promise?: { amount_minor: number; currency: string; due_on: string } | null };
  sessions: { by: string; mode: MonitorMode; started_at: string; ended_at: string | null }[];
}

export interface LiveCall {
  call: string;
  agent: WallAgent;
  details: Details | null;
  watchers: WatchersCard["by"];
  reasons: string[];
}

export interface Chosen {
  user: string;
  call: string;
  name: string;
}

export type Sift = "" | "HELP" | "WATCHED" | "NEW_AGENT" | "QA_DUE" | "LONG_CALL" | "FLAG";

export class MonitorModel extends WallModel {
  sought = "";
  team = "";
  sift: Sift = "";
  chosen: Chosen | null = null;
  picture: Picture | null = null;
  /** What is asked before it is done: joining in and taking over. */
  asking: "BARGE" | "TAKE_OVER" | null = null;
  /** The last session of this page that is over, for as long as its call is chosen. */
  over: LeftCard | null = null;
  /** The telephone in this page, once it is loaded; null where one stands on the desk, or there is no sound. */
  phone: PagePhone | null = null;
  private details = new Map<string, Details>();
  private detailsAt = 0;
  private inside: string | null = null;

  constructor(store: Store, clock: ServerClock) {
    super(store, clock);
    store.subscribe(() => this.follow());
    setInterval(() => this.stay(), STAY_MS);
    setInterval(() => void this.look(), PICTURE_MS);
    setInterval(() => void this.learn(), DETAILS_MS);
    // A page that goes says so; one that dies is missed by the server.
    addEventListener("pagehide", () => {
      if (this.own) postLast("/monitor/leave");
    });
  }

  // --- what may be done ---

  reach(mode: MonitorMode): "ALL" | "OWN_TEAM" | null {
    return boot.monitor?.scopes[mode] ?? null;
  }

  /** Why a mode is not for this person and this agent; null: it is. */
  hindrance(mode: MonitorMode): string | null {
    const reach = this.reach(mode);
    if (!reach) return t("monitor.no_permission");
    const agent = this.agents.find(({ user }) => user === this.chosen?.user);
    if (!agent || !this.speaks(agent) || agent.call !== this.chosen?.call) return t("monitor.not_live");
    if (agent.user === boot.user.id) return t("monitor.own_call");
    if (reach === "OWN_TEAM" && teamId(agent) !== boot.monitor?.team) return t("monitor.other_team");
    return null;
  }

  /** Opens the telephone of this page, where it is one; false when the microphone or the line is not there. */
  private async onTheLine(): Promise<boolean> {
    const { phone } = this;
    if (!boot.softphone) return true;
    if (!phone) return false;
    await phone.start().catch(() => undefined);
    for (let left = REGISTERED_MS; phone.state !== "REGISTERED" && left > 0; left -= LOOK_MS) await new Promise((done) => setTimeout(done, LOOK_MS));
    return phone.state === "REGISTERED";
  }

  private speaks(agent: WallAgent): boolean {
    return (agent.state === "IN_CALL" || agent.state === "HELD") && !!agent.call;
  }

  // --- the list ---

  get sessions(): Map<string, WatchersCard> {
    return new Map([...this.store.matching<WatchersCard>("monitor:")].map(([, card]) => [card.call, card]));
  }

  /** The calls within reach, those that ask for help first, then the longest. */
  get calls(): LiveCall[] {
    const { sessions } = this;
    const place = nameOrder(this.agents);
    const mine = this.agents.filter((agent) => this.speaks(agent) && (this.reach("LISTEN") === "ALL" || teamId(agent) === boot.monitor?.team));
    const found = mine.map((agent) => {
      const call = agent.call as string;
      const details = this.details.get(call) ?? null;
      const long = this.clock.now() - agent.since >= LONG_MS ? ["LONG_CALL"] : [];
      return { call, agent, details, watchers: sessions.get(call)?.by ?? [], reasons: [...(details?.reasons ?? []), ...long] };
    });
    const asked = ({ agent }: LiveCall): number => agent.help_since ?? Infinity;
    return found.sort((a, b) => (asked(a) - asked(b) || 0) || a.agent.since - b.agent.since || (place.get(a.agent.user) ?? 0) - (place.get(b.agent.user) ?? 0));
  }

  get shown(): LiveCall[] {
    const sought = plain(this.sought);
    return this.calls.filter((one) => (!this.team || teamId(one.agent) === this.team) && this.sifted(one) && (!sought || plain(`${one.agent.name} ${one.agent.campaign?.name ?? ""}`).includes(sought)));
  }

  private sifted({ agent, details, watchers, reasons }: LiveCall): boolean {
    switch (this.sift) {
      case "":
        return true;
      case "HELP":
        return !!agent.help_since;
      case "WATCHED":
        return watchers.length > 0;
      case "FLAG":
        return !!details?.flags.length;
      default:
        return reasons.includes(this.sift);
    }
  }

  /** One of the calls shown that nobody is in, by chance: a fair sample under the rule of the filter. */
  pick(): void {
    const free = this.shown.filter(({ watchers }) => !watchers.length);
    const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
    const one = free[number % Math.max(1, free.length)];
    if (one) this.choose(one);
    else this.tell(t("monitor.none_to_pick"));
  }

  choose({ call, agent }: LiveCall): void {
    if (this.chosen?.call === call) return;
    this.chosen = { user: agent.user, call, name: agent.name };
    this.picture = this.over = null;
    this.changed();
    void this.look();
  }

  // --- one's own session ---

  get own(): (WatchersCard["by"][number] & { call: string; agent: string }) | null {
    for (const card of this.sessions.values()) {
      const me = card.by.find(({ user }) => user === boot.user.id);
      if (me) return { ...me, call: card.call, agent: card.agent };
    }
    return null;
  }

  /** Notices when a session of this page is over, and why. */
  private follow(): void {
    const call = this.own?.call ?? null;
    const before = this.inside;
    this.inside = call;
    if (!before || call === before) return;
    const left = [...this.store.matching<LeftCard>(`left:${boot.user.id}`)].map(([, card]) => card).find((card) => card.call === before);
    if (left) this.over = left;
    void this.look();
  }

  private stay(): void {
    if (this.own && this.link.state === "live") void post("/monitor/stay", {});
  }

  async step(mode: MonitorMode, sure = false): Promise<void> {
    const { chosen } = this;
    const why = this.hindrance(mode);
    if (!chosen || why) {
      if (why) this.tell(why);
      return;
    }
    if (this.own?.call === chosen.call && this.own.mode === mode) return;
    if ((mode === "BARGE" || mode === "TAKE_OVER") && !sure) {
      this.asking = mode;
      this.changed();
      return;
    }
    this.asking = null;
    if (!(await this.onTheLine())) return this.tell(t("monitor.no_microphone"));
    await this.order(`/monitor/${chosen.user}/${paths[mode]}`, { call: chosen.call }, t(`monitor.did_${mode}`, { name: chosen.name }));
  }

  leave(): void {
    if (this.own) void this.order("/monitor/leave", {}, t("monitor.did_leave"));
  }

  // --- what is written to the agent ---

  get sent(): SentCard | null {
    for (const [, card] of this.store.matching<SentCard>(`sent:${this.chosen?.user ?? ""}`)) return card;
    return null;
  }

  // --- what is asked of the server ---

  /** Bucket, flags and reasons of calls that are new in the list. */
  private async learn(): Promise<void> {
    const now = performance.now();
    const lacking = this.calls.some(({ call }) => !this.details.has(call));
    if (!lacking || this.link.state !== "live" || now - this.detailsAt < DETAILS_MS / 2) return;
    this.detailsAt = now;
    const answer = await get<{ calls: Details[] }>("/monitor/calls");
    if (!answer.ok) return;
    this.details = new Map(answer.calls.map((one) => [one.call, one]));
    this.changed();
  }

  /** What the agent sees and types, of the chosen call. */
  private async look(): Promise<void> {
    const { chosen } = this;
    if (!chosen || document.hidden || this.link.state !== "live") return;
    const answer = await get<Picture>(`/monitor/${chosen.user}?call=${chosen.call}`);
    if (this.chosen !== chosen || !answer.ok) return;
    // The screen leaves the agent's desk with the call; who listened keeps what he saw of it.
    this.picture = { ...answer, screen: answer.screen ?? (this.picture?.call === answer.call ? this.picture.screen : null) };
    this.changed();
  }
}
