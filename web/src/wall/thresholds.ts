/** When a state has lasted too long, by the organisation's numbers: amber and red in ms. Pure. */
import type { SettingsCard, WallAgent } from "./cards";

export type Level = "ok" | "warn" | "bad";

export interface Limits {
  amber: number | null;
  red: number | null;
}

/** What limits rest on: the numbers set, the longest break of each reason, how long a call takes, s. */
export interface Ground {
  settings: SettingsCard;
  breaks: ReadonlyMap<string, number>;
  handling: (campaign: string | undefined) => number | null;
}

const none: Limits = { amber: null, red: null };
const names: Record<string, string> = {
  READY: "READY_WAIT",
  IN_CALL: "IN_CALL",
  HELD: "HELD",
  WRAP_OVER: "WRAP_OVER",
  LOST: "DISCONNECTED",
  VOICE_LOST: "DISCONNECTED",
};
const [AMBER_SHARE, RED_SHARE] = [1.5, 2.5];

/** He wants calls, and his telephone is away. */
export const voiceless = (agent: WallAgent): boolean => agent.status === "READY" && agent.voice === "LOST";

/** One word for what an agent is doing, out of link, state and status. */
export function doing(agent: WallAgent): string {
  if (agent.status === "OFFLINE") return "OFFLINE";
  if (agent.link === "LOST") return "LOST";
  if (agent.state !== "IDLE") return agent.state;
  if (voiceless(agent)) return "VOICE_LOST";
  return agent.status;
}

const ms = (seconds: number | null | undefined, more = 0): number | null =>
  seconds === null || seconds === undefined ? null : (seconds + more) * 1000;

export function limitsOf(agent: WallAgent, { settings, breaks, handling }: Ground): Limits {
  const name = doing(agent);
  if (name === "PAUSED") {
    const longest = agent.reason ? breaks.get(agent.reason) : undefined;
    const over = settings["BREAK_OVER"];
    return longest === undefined ? none : { amber: ms(over?.amber, longest), red: ms(over?.red, longest) };
  }
  const set = settings[names[name] ?? ""];
  if (!set) return none;
  const usual = name === "IN_CALL" ? (handling(agent.campaign?.id) ?? 0) : 0;
  return { amber: larger(ms(set.amber), usual * AMBER_SHARE), red: larger(ms(set.red), usual * RED_SHARE) };
}

const larger = (limit: number | null, seconds: number): number | null =>
  limit === null ? null : Math.max(limit, seconds * 1000);

/** Instant from which the present state is counted. */
export function sinceOf(agent: WallAgent): number {
  const name = doing(agent);
  if (name === "LOST") return agent.lost_since ?? agent.since;
  return name === "PAUSED" ? agent.status_since : agent.since;
}

export function levelOf(agent: WallAgent, ground: Ground, now: number): Level {
  const { amber, red } = limitsOf(agent, ground);
  const lasted = now - sinceOf(agent);
  if (red !== null && lasted >= red) return "bad";
  return amber !== null && lasted >= amber ? "warn" : "ok";
}

export const rank: Record<Level, number> = { bad: 0, warn: 1, ok: 2 };

export const worst = (levels: Iterable<Level>): Level => {
  let found: Level = "ok";
  for (const level of levels) if (rank[level] < rank[found]) found = level;
  return found;
};

/** An agent with the level he has now. */
export interface Judged {
  agent: WallAgent;
  level: Level;
  since: number;
  /** Among all agents by name. */
  place: number;
}

/** Red longest first, amber longest, the rest by name. A total order. */
export function byTrouble(a: Judged, b: Judged): number {
  if (a.level !== b.level) return rank[a.level] - rank[b.level];
  if (a.level !== "ok" && a.since !== b.since) return a.since - b.since;
  return byName(a, b);
}

export const byName = (a: Judged, b: Judged): number => a.place - b.place;

/** How bad a figure is that has an amber and a red, and no memory. */
export function levelAt(value: number | null | undefined, set: { amber?: number | null; red?: number | null; falls?: boolean } | undefined): Level {
  if (value === null || value === undefined || !set) return "ok";
  const sign = set.falls ? -1 : 1;
  const reached = (limit: number | null | undefined): boolean =>
    limit !== null && limit !== undefined && sign * value >= sign * limit;
  if (reached(set.red)) return "bad";
  return reached(set.amber) ? "warn" : "ok";
}
