/** An alert as a sentence, and where it leads. Pure. */
import { clockTime, decimal, percent, span } from "../format";
import { t, word, type Key } from "../i18n";
import type { IconName } from "../icons";
import type { AlertCard, Severity } from "./cards";
import type { Place } from "./place";

export const severityIcon: Record<Severity, IconName> = { CRIT: "bad", WARN: "warn", INFO: "info" };
export const severityTone: Record<Severity, string> = { CRIT: "bad", WARN: "warn", INFO: "info" };

const seconds = (value: number): string => span(value * 1000);

/** What a kind's sentence is filled with, beside the subject's name. */
function values({ kind, value, detail }: AlertCard): Record<string, string | number> {
  switch (kind) {
    case "ABANDONMENT":
    case "CARRIER_ERRORS":
      return { value: percent(value) };
    case "TARGET_MISSED":
      return { value: percent(value, 0), plan: word("plan", String(detail["plan"] ?? "")) };
    case "POP_SLOW":
      return { value: decimal(value, 0) };
    case "LOST_AGENTS":
      return { lost: Number(detail["lost"] ?? 0), agents: Number(detail["agents"] ?? 0) };
    case "WINDOW_CLOSING":
      return { time: detail["until"] ? clockTime(Number(detail["until"])) : "" };
    case "CAMPAIGN_THROTTLED":
      return { why: word("because", String(detail["because"] ?? "")) };
    case "BREAK_OVER":
      return { reason: word("pause", String(detail["reason"] ?? "")), value: seconds(value) };
    case "WRAP_OVER":
      return { value: seconds(value) };
    case "HELP":
      return { reason: word("help", String(detail["reason"] ?? ""), "") };
    case "DIALER_STALE":
      return { value: decimal(value, 0) };
    default:
      return { value: decimal(value, 0) };
  }
}

/** The sentence: of one, of a crowd (`….team`), or of the whole floor (`….floor`). */
export function alertText(alert: AlertCard): string {
  const crowd = alert.detail["agents"] !== undefined && alert.subject.kind === "team";
  const variant = crowd && alert.kind !== "LOST_AGENTS" ? ".team" : alert.subject.kind === "floor" ? ".floor" : "";
  const filled = { ...values(alert), name: alert.subject.name, count: Number(alert.detail["agents"] ?? 0) };
  const key = `alert.${alert.kind}${variant}`;
  return word("alert", `${alert.kind}${variant}`, "") ? t(key as Key, filled) : t(`alert.${alert.kind}` as Key, filled);
}

/** The place that shows what an alert is about. */
export function alertPlace(alert: AlertCard): Partial<Place> {
  const { kind, id } = alert.subject;
  if (kind === "campaign") return { view: "campaigns", campaign: "", state: "" };
  if (kind === "team") return { view: "agents", team: id, state: "OVER" };
  if (kind === "agent") return { view: "agents", team: alert.team ?? "", state: "" };
  return { view: "campaigns" };
}

const loudness: Record<Severity, number> = { CRIT: 0, WARN: 1, INFO: 2 };
const standing: Record<AlertCard["state"], number> = { ACTIVE: 0, ACKED: 1, SHELVED: 2 };

/** Not yet seen first, the loud before the quiet, the latest before the earlier. A total order. */
export function byUrgency(a: AlertCard, b: AlertCard): number {
  return (
    standing[a.state] - standing[b.state] ||
    loudness[a.severity] - loudness[b.severity] ||
    b.last_at - a.last_at ||
    a.id.localeCompare(b.id)
  );
}
