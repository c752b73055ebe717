/** The headline figures of what is chosen: the whole floor, or the sum of branch, team and campaign. Pure. */
import type { AgentCounts, PopFigures } from "../cards";
import type { Effort, HourCard, Plan, TeamCard, WallAgent, WallCampaign, WallFloor } from "./cards";
import { voiceless, worst, type Level } from "./thresholds";

/** Standard errors on either side of a share that hold the true one in 95 of 100 cases. */
const NINETY_FIVE = 1.96;
/** Fewer live calls in the hour make no abandonment figure. */
const JUDGED_FROM = 100;
export interface Figures {
  counts: AgentCounts;
  effort: Effort | null;
  abandoned: { pct: number | null; today: number | null; limit: number | null; target: number | null; level: Level };
}

const groups = ["ready", "in_call", "wrap_up", "paused", "lost", "total"] as const;
const busy: Record<string, (typeof groups)[number]> = {
  RESERVED: "in_call",
  DIALING: "in_call",
  IN_CALL: "in_call",
  HELD: "in_call",
  WRAP_UP: "wrap_up",
  WRAP_OVER: "wrap_up",
};

/** Agents by what they do, counted as the server counts them: a lost link in a call is a call. */
export function countAgents(agents: Iterable<WallAgent>): AgentCounts {
  const counts: Record<string, number> = Object.fromEntries(groups.map((name) => [name, 0]));
  for (const agent of agents) {
    if (agent.status === "OFFLINE") continue;
    const rest = agent.link === "LOST" || voiceless(agent) ? "lost" : agent.status === "READY" ? "ready" : "paused";
    const name = busy[agent.state] ?? rest;
    counts[name] = (counts[name] ?? 0) + 1;
    counts["total"] = (counts["total"] ?? 0) + 1;
  }
  return counts;
}

export function effortOfFloor(floor: WallFloor | null): Effort | null {
  return floor && floor.contacts !== undefined ? (floor as unknown as Effort) : null;
}

/** Sums what can be summed; percentiles of several teams cannot. */
export function sumTeams(teams: readonly TeamCard[]): Effort | null {
  const [first] = teams;
  if (!first) return null;
  const sum = (of: (team: TeamCard) => number): number => teams.reduce((total, team) => total + of(team), 0);
  const pop: PopFigures | null = teams.length === 1 ? first.pop : null;
  return {
    agents: {},
    contacts: sum((team) => team.contacts),
    contacts_hour: sum((team) => team.contacts_hour),
    promises: sum((team) => team.promises),
    promised_minor: sum((team) => team.promised_minor),
    collected_minor: sum((team) => team.collected_minor),
    currency: first.currency,
    at_work: sum((team) => team.at_work),
    plan: sumPlans(teams.map(({ plan }) => plan)),
    worked: sum((team) => team.worked),
    overdue: sum((team) => team.overdue),
    pop,
  };
}

/** A figure that no team can be held against yet stays so. */
function sumPlans(plans: readonly Plan[]): Plan {
  const sum = (name: keyof Plan): number | null => {
    const known = plans.map((plan) => plan[name]).filter((value) => value !== null);
    return known.length ? known.reduce((total, value) => total + value, 0) : null;
  };
  return { contacts_hour: sum("contacts_hour"), contacts: sum("contacts"), promises: sum("promises"), collected_minor: sum("collected_minor") };
}

/**
 * Abandonment of these campaigns over the last hour, and of the day for as long as the hour is thin.
 *
 * Campaigns too small to be judged one by one may be beyond the limit together.
 */
export function abandonment(campaigns: readonly WallCampaign[], hours: ReadonlyMap<string, HourCard>): Figures["abandoned"] {
  const sum = (values: readonly number[] = []): number => values.reduce((total, value) => total + value, 0);
  const live = sum(campaigns.map(({ id }) => sum(hours.get(id)?.answered)));
  const lost = sum(campaigns.map(({ id }) => sum(hours.get(id)?.abandoned)));
  const [answered, gone] = [sum(campaigns.map((card) => card.answered)), sum(campaigns.map((card) => card.abandoned))];
  const limit = least(campaigns.map((card) => card.abandon_limit_pct));
  const target = least(campaigns.map((card) => card.abandon_target_pct ?? null));
  const pct = live < JUDGED_FROM ? null : (100 * lost) / live;
  const sure = pct === null ? 0 : pct - NINETY_FIVE * Math.sqrt((pct * (100 - pct)) / live);
  const together: Level = limit !== null && sure > limit ? "bad" : pct !== null && target !== null && pct > target ? "warn" : "ok";
  return {
    pct,
    limit,
    target,
    today: answered ? (100 * gone) / answered : null,
    level: worst([together, ...campaigns.map((card) => card.abandon_level ?? "ok")]),
  };
}

function least(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length ? Math.min(...known) : null;
}

/** % of the plan so far; null when there is none to be held against. */
export const attained = (value: number, planned: number | null | undefined): number | null => (planned ? (100 * value) / planned : null);
