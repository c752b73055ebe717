/** Break reasons: those the server gave, else the house's defaults; each with a letter of its own. */
import { boot } from "../boot";
import type { PauseReason } from "../cards";
import { word } from "../i18n";

const defaults: PauseReason[] = [
  { code: "SHORT", max_seconds: 600 },
  { code: "LUNCH", max_seconds: 3600 },
  { code: "TOILET", max_seconds: 300 },
  { code: "PERSONAL", max_seconds: 900 },
  { code: "COACHING", max_seconds: 1800 },
  { code: "TRAINING", max_seconds: 3600 },
  { code: "MEETING", max_seconds: 3600 },
  { code: "TECH", max_seconds: 900 },
  { code: "BACK_OFFICE", max_seconds: 1800 },
  { code: "END_OF_SHIFT", max_seconds: null },
];

export interface LetteredReason extends PauseReason {
  letter: string;
  word: string;
}

export const pauseReasons: LetteredReason[] = letter(boot.pause_reasons?.length ? boot.pause_reasons : defaults);

function letter(reasons: PauseReason[]): LetteredReason[] {
  const taken = new Set<string>();
  return reasons.map((reason) => {
    const free = [...reason.code, ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((c) => /[A-Z]/.test(c) && !taken.has(c));
    taken.add(free ?? "");
    return { ...reason, letter: free ?? "", word: reason.label ?? word("pause", reason.code) };
  });
}

/** A reason in words, also one that is not offered any more. */
export const breakWord = (code: string | null): string => pauseReason(code)?.word ?? word("pause", code);

export const pauseReason = (code: string | null): LetteredReason | null =>
  pauseReasons.find((reason) => reason.code === code) ?? null;
