/** When a state has lasted too long. Amber and red in ms, by state; null where there is no limit. Pure. */
import type { WallAgentCard } from "../cards";

export type Level = "ok" | "warn" | "bad";

export interface Limits {
  amber: number | null;
  red: number | null;
}

const minute = 60_000;

const limits: Record<string, Limits> = {
  READY: { amber: minute, red: 5 * minute },
  IN_CALL: { amber: 3 * minute, red: 5 * minute },
  HELD: { amber: minute, red: 2 * minute },
  WRAP_OVER: { amber: 0, red: minute },
  LOST: { amber: 10_000, red: minute },
};

const pauses: Record<string, number> = {
  SHORT: 10,
  LUNCH: 60,
  TOILET: 5,
  PERSONAL: 15,
  COACHING: 30,
  TRAINING: 60,
  MEETING: 60,
  TECH: 15,
  BACK_OFFICE: 30,
};

/** One word for what an agent is doing, out of link, state and status. */
export function doing(agent: WallAgentCard): string {
  if (agent.status === "OFFLINE") return "OFFLINE";
  if (agent.link === "LOST") return "LOST";
  if (agent.state !== "IDLE") return agent.state;
  return agent.status;
}

export function limitsOf(agent: WallAgentCard): Limits {
  const name = doing(agent);
  if (name === "PAUSED") {
    const max = agent.reason ? pauses[agent.reason] : undefined;
    return max ? { amber: max * minute, red: (max + 5) * minute } : { amber: null, red: null };
  }
  return limits[name] ?? { amber: null, red: null };
}

/** Instant from which the present state is counted. */
export const sinceOf = (agent: WallAgentCard): number =>
  doing(agent) === "PAUSED" ? agent.status_since : agent.since;

export function levelOf(agent: WallAgentCard, now: number): Level {
  const { amber, red } = limitsOf(agent);
  const lasted = now - sinceOf(agent);
  if (red !== null && lasted >= red) return "bad";
  return amber !== null && lasted >= amber ? "warn" : "ok";
}

const rank: Record<Level, number> = { bad: 0, warn: 1, ok: 2 };

/** Red longest first, amber longest, the rest by name. A total order. */
export function byTrouble(now: number): (a: WallAgentCard, b: WallAgentCard) => number {
  return (a, b) => {
    const [la, lb] = [levelOf(a, now), levelOf(b, now)];
    if (la !== lb) return rank[la] - rank[lb];
    if (la !== "ok" && sinceOf(a) !== sinceOf(b)) return sinceOf(a) - sinceOf(b);
    return a.name.localeCompare(b.name, "vi") || a.user.localeCompare(b.user);
  };
}

export const abandonLevel = (pct: number | null, limit: number | null): Level =>
  pct === null || limit === null ? "ok" : pct >= limit ? "bad" : pct >= (limit * 2) / 3 ? "warn" : "ok";

export const popLevel = (ms: number | null): Level =>
  ms === null ? "ok" : ms >= 2000 ? "bad" : ms >= 1000 ? "warn" : "ok";
