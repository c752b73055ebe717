/**
 * What this machine keeps of a person between two looks at the server: the draft in hand, records not sent.
 *
 * Each is kept under its owner. Who signs in next sweeps out what is not his; who signs out takes all along.
 */
const DRAFT = "paceline.draft";
const OUTBOX = "paceline.outbox.";
const LEAVING = "paceline.leaving";
const PLAY = "paceline.practice";

export const outboxName = (user: string): string => OUTBOX + user;

export function keepText(user: string, value: unknown): void {
  localStorage.setItem(DRAFT, JSON.stringify({ user, value }));
}

export function recallText(user: string): unknown {
  try {
    const held = JSON.parse(localStorage.getItem(DRAFT) ?? "null") as { user: string; value: unknown } | null;
    return held?.user === user ? held.value : null;
  } catch {
    return null;
  }
}

export function forgetText(): void {
  localStorage.removeItem(DRAFT);
}

/** The call of practice in hand, until this window is closed; null ends it. */
export function keepPlay(user: string, value: unknown): void {
  if (value === null) sessionStorage.removeItem(PLAY);
  else sessionStorage.setItem(PLAY, JSON.stringify({ user, value }));
}

export function recallPlay(user: string): unknown {
  const held = JSON.parse(sessionStorage.getItem(PLAY) ?? "null") as { user: string; value: unknown } | null;
  return held?.user === user ? held.value : null;
}

/** Nothing of anybody else stays on a machine at which this person works now. */
export function sweep(user: string): void {
  sessionStorage.removeItem(LEAVING);
  if (recallText(user) === null) forgetText();
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(OUTBOX) && name !== outboxName(user)) sessionStorage.removeItem(name);
  }
}

/** The person asks to be signed out: the server may still say no. */
export function beginLeaving(): void {
  sessionStorage.setItem(LEAVING, "yes");
}

/** At the sign-in page: who was signed out by his own wish leaves no word behind. */
export function endLeaving(): void {
  if (sessionStorage.getItem(LEAVING) === null) return;
  sessionStorage.clear();
  forgetText();
}
