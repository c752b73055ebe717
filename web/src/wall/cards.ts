/** Cards of the wall beyond those it shares with the desk. Instants are ms of business time. */
import type { AgentCounts, CampaignCard, FloorCard, PopFigures, WallAgentCard } from "../cards";
import type { Level } from "./thresholds";

/** What should have been brought by now; null where it is too early to say. */
export interface Plan {
  contacts_hour: number | null;
  contacts: number | null;
  promises: number | null;
  collected_minor: number | null;
}

/** What a plan is held against: of the floor, of a team, or of several together. */
export interface Effort {
  agents: AgentCounts;
  contacts: number;
  contacts_hour: number;
  promises: number;
  promised_minor: number;
  collected_minor: number;
  currency: string;
  /** Agents at work now. */
  at_work: number;
  plan: Plan;
  worked: number;
  overdue: number;
  pop: PopFigures | null;
}

export interface TeamCard extends Effort {
  id: string;
  name: string;
  branch: string | null;
  calls: number;
}

export interface WallFloor extends FloorCard, Partial<Omit<Effort, keyof FloorCard>> {
  queue?: number;
  never_worked?: number | null;
  /** Of the team, on its lead's channel. */
  id?: string;
  name?: string;
  branch?: string | null;
  calls?: number;
}

export interface WallCampaign extends CampaignCard {
  abandon_target_pct?: number;
  talk_s?: number | null;
  wrap_s?: number | null;
  wrapup_s?: number;
  abandon_60m?: number | null;
  /** Over the time that the law judges by, today included, and how many days that is. */
  abandon_window_pct?: number | null;
  abandon_window_days?: number;
  abandon_level?: Level;
  pop_level?: Level;
  /** Since when it is dialled as it is; the ratio and the reason of before. */
  paced?: { at: number; from: number | null; was: string | null };
}

export interface HourCard {
  from: number;
  dialed: number[];
  answered: number[];
  abandoned: number[];
}

export interface WallAgent extends Omit<WallAgentCard, "team"> {
  team: { id: string | null; name: string | null; branch?: string | null } | string | null;
  contacts?: number;
  occupancy?: number | null;
  wrap_s?: number | null;
  lost_since?: number | null;
  help_since?: number | null;
  help_reason?: string | null;
  training?: boolean;
}

export type Severity = "INFO" | "WARN" | "CRIT";

export interface AlertCard {
  id: string;
  kind: string;
  severity: Severity;
  state: "ACTIVE" | "ACKED" | "SHELVED";
  subject: { kind: "agent" | "team" | "campaign" | "call" | "floor"; id: string; name: string };
  team: string | null;
  campaign: string | null;
  value: number;
  detail: Record<string, string | number | null | undefined>;
  first_at: number;
  last_at: number;
  count: number;
  acked_by: string | null;
  shelved_until: number | null;
}

export interface Numbers {
  amber?: number | null;
  red?: number | null;
  margin?: number;
  hold_s?: number;
  falls?: boolean;
  unit?: "SECONDS" | "MINUTES" | "MS" | "PERCENT" | "COUNT";
}

export type SettingsCard = Record<string, Numbers>;

export const teamName = ({ team }: WallAgent): string => (typeof team === "string" ? team : (team?.name ?? ""));
export const teamId = ({ team }: WallAgent): string => (typeof team === "string" ? team : (team?.id ?? ""));
export const branchOf = ({ team }: WallAgent): string => (typeof team === "string" ? "" : (team?.branch ?? ""));
