/** The draft of the call in hand, kept on this machine until its call is finished. */
import type { Draft } from "../cards";

const SLOT = "paceline.draft";

export const newDraft = (call: string): Draft => ({
  call,
  leaf: null,
  note: "",
  ticked: [],
  said: {},
  promise: null,
  callback: null,
  fields: {},
});

export function keepDraft(draft: Draft): void {
  localStorage.setItem(SLOT, JSON.stringify(draft));
}

export function recallDraft(call: string): Draft | null {
  try {
    const held = JSON.parse(localStorage.getItem(SLOT) ?? "null") as Draft | null;
    return held?.call === call ? { ...newDraft(call), ...held } : null;
  } catch {
    return null;
  }
}

export function forgetDraft(): void {
  localStorage.removeItem(SLOT);
}
