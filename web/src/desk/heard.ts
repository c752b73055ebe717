/** What the server said to this desk, and nothing else: its cards, and the state that follows from them. */
import { boot } from "../boot";
import type { AgentCard, CallCard, DayCard, DialerCard, ReminderCard, ScreenPop, StatsCard } from "../cards";
import type { Link } from "../socket";
import { Store } from "../store";

export type DeskState =
  | "LOADING"
  | "NOT_READY"
  | "READY"
  | "PAUSED"
  | "RESERVED"
  | "DIALING"
  | "IN_CALL"
  | "HELD"
  | "WRAP_UP"
  | "WRAP_OVER"
  | "REVIEW"
  | "DISCONNECTED"
  | "ENDED";

/** The channel of what every desk hears beside its own. */
const FLOOR = "floor";

export class Heard {
  readonly channel = `agent:${boot.user.id}`;
  link: Link = { state: "connecting", stale: false, attempt: 0, lostAt: null, code: null, rttMs: null };

  /** Whether this desk is in training, as the server said last. */
  training = !!boot.training;
  /** The cards of a play; see `Practice`. */
  readonly stage = new Store();

  constructor(readonly store: Store) {}

  /** Calls are played at this desk: the room has it on a break for training. */
  get practising(): boolean {
    const agent = this.store.get<AgentCard>(this.channel, "agent");
    return this.training && agent?.status === "PAUSED" && agent.reason === "TRAINING" && agent.state === "IDLE";
  }

  /** Where the calls of this desk come from: the real room, or the stage. */
  private get room(): Store {
    return this.practising ? this.stage : this.store;
  }

  get agent(): AgentCard | null {
    return this.room.get<AgentCard>(this.channel, "agent");
  }

  get call(): CallCard | null {
    return this.room.get<CallCard>(this.channel, "call");
  }

  get stats(): StatsCard | null {
    return this.store.get<StatsCard>(this.channel, "stats");
  }

  get day(): DayCard | null {
    return this.store.get<DayCard>(this.channel, "day");
  }

  /** Calls that this agent agreed to and that are near, missed or put off, soonest first. */
  get inbox(): ReminderCard[] {
    const found = [...this.store.matching<ReminderCard>("reminder:", this.channel)].map(([, card]) => card);
    return found.sort((a, b) => a.at - b.at);
  }

  /** Set while nobody dials: when the dialer was heard last (ms), 0 for never. */
  get notDialing(): number | null {
    const dialer = this.store.get<DialerCard>(FLOOR, "dialer");
    return dialer && !dialer.up ? (dialer.beat_at ?? 0) : null;
  }

  /** The screen of the call in hand. An idle agent has none, unless one arrived after becoming idle. */
  get screen(): ScreenPop | null {
    const agent = this.agent;
    if (!agent) return null;
    if (agent.call) return this.room.get<ScreenPop>(this.channel, `screen:${agent.call}`);
    if (agent.state !== "IDLE") return null;
    let newest: ScreenPop | null = null;
    for (const [, screen] of this.room.matching<ScreenPop>("screen:", this.channel)) {
      if (screen.call.offered) continue; // nobody is on the line: shown once the desk is to look at it
      const at = screen.call.assigned_at;
      if (at >= agent.since && at > (newest?.call.assigned_at ?? 0)) newest = screen;
    }
    return newest;
  }

  /** What the server last said, whatever the line is like now. */
  get known(): DeskState {
    const agent = this.agent;
    if (!agent) return "LOADING";
    if (agent.state !== "IDLE") return agent.state;
    if (this.screen) return "RESERVED";
    if (agent.status === "READY") return "READY";
    return agent.status === "PAUSED" ? "PAUSED" : "NOT_READY";
  }

  get state(): DeskState {
    if (this.link.state === "ended") return "ENDED";
    if (this.link.state === "lost") return "DISCONNECTED";
    return this.known;
  }

  /** A person is, or was just, on the line. */
  get engaged(): boolean {
    return ["RESERVED", "IN_CALL", "HELD", "WRAP_UP", "WRAP_OVER"].includes(this.known);
  }

  /** Somebody is before the agent who was not reached yet: he decides on the call, or hears it ring. */
  get looking(): boolean {
    return (this.known === "REVIEW" && !!this.agent?.call) || this.known === "DIALING";
  }

  /** A customer's record is before the agent. */
  get facing(): boolean {
    return this.engaged || this.looking;
  }

  get talking(): boolean {
    return this.known === "IN_CALL" || this.known === "HELD";
  }

  get wrapping(): boolean {
    return this.known === "WRAP_UP" || this.known === "WRAP_OVER";
  }

  get callId(): string | null {
    return this.screen?.call.id ?? this.agent?.call ?? null;
  }

  /** Wire positions of a screen, for the receipt of its painting. */
  offsetOf(call: string): number | null {
    return this.room.offsetOf(this.channel, `screen:${call}`);
  }

  /** What was chosen for after the call. */
  get pending(): AgentCard["pending"] {
    return this.agent?.pending ?? null;
  }
}
