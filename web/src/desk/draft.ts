/**
 * The draft of the call in hand: kept on this machine at every change, on the server within two seconds.
 *
 * A page is a `writer`, and `edits` counts its changes. What this machine holds and what the server holds
 * are made one here when a call begins again: after a reload, a crash, a lost line, at another browser.
 */
import { boot } from "../boot";
import type { Draft } from "../cards";
import { newKey } from "../http";
import { forgetText, keepText, recallText } from "../kept";

/** A draft as the server holds it. `saved` is the outcome that is chosen there. */
export interface StoredDraft extends Partial<Omit<Draft, "seen" | "sent">> {
  call: string;
  version: number;
  writer: string;
  saved: string | null;
}

const WRITER = newKey();
/** Saved when nothing was put in for so long, and at the latest so long after the first change, ms. */
const QUIET_MS = 700;
const LATEST_MS = 1500;

/** Calls of practice have ids that no other call has; nothing that is typed about them is sent. */
export const isPractice = (call: string): boolean => call.startsWith("7ac71ce0-");

export const newDraft = (call: string): Draft => ({
  call,
  leaf: null,
  note: "",
  ticked: [],
  said: {},
  promise: null,
  callback: null,
  fields: {},
  writer: WRITER,
  seen: 0,
  edits: 0,
  sent: 0,
});

export const keepDraft = (draft: Draft): void => keepText(boot.user.id, draft);

export function recallDraft(call: string): Draft | null {
  const held = recallText(boot.user.id) as Partial<Draft> | null;
  return held?.call === call ? { ...newDraft(call), ...held } : null;
}

export const forgetDraft = forgetText;

/** Two notes as one that holds every word of both. The server joins in the same way. */
export function joinNotes(first: string, second: string): string {
  if (first.includes(second.trim())) return first;
  return second.includes(first.trim()) ? second : `${first}\n${second}`;
}

/** What stands, of this machine's draft and the server's; `edits` above `sent` means that it is to be sent. */
export function reconcile(mine: Draft, stored: StoredDraft | null): Draft {
  if (!stored) return mine;
  const known = { writer: mine.writer, seen: stored.version };
  if (stored.writer === mine.writer && (stored.edits ?? 0) <= mine.edits) return { ...mine, ...known };
  const edits = Math.max(mine.edits, stored.edits ?? 0);
  const theirs = { ...newDraft(mine.call), ...words(stored), ...known, edits, sent: edits };
  if (mine.edits <= mine.sent) return theirs;
  const note = joinNotes(theirs.note, mine.note);
  const ticked = [...new Set([...theirs.ticked, ...mine.ticked])];
  return { ...theirs, note, ticked, leaf: theirs.leaf ?? mine.leaf, edits: edits + 1 };
}

/** The server joined another page's words to those sent: taken over, with what was put in since. */
export function adopt(mine: Draft, sent: Draft, stored: StoredDraft): Draft {
  const theirs = { ...newDraft(mine.call), ...words(stored) };
  const more = mine.note.startsWith(sent.note) ? theirs.note + mine.note.slice(sent.note.length) : joinNotes(theirs.note, mine.note);
  const base = mine.edits > sent.edits ? mine : theirs;
  const edits = Math.max(mine.edits, stored.edits ?? 0) + 1;
  return { ...base, note: more, writer: mine.writer, seen: stored.version, edits, sent: mine.sent };
}

function words({ leaf, note, ticked, said, promise, callback, fields }: StoredDraft): Partial<Draft> {
  const told = { leaf, note, ticked, said, promise, callback, fields };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

/** Calls `save` soon after a change, however long the person goes on typing. */
export class Autosave {
  private timer: number | undefined;
  private since: number | null = null;

  constructor(private readonly save: () => void) {
    // A page that is hidden or left may not come back: what it holds leaves now.
    addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  touch(): void {
    const now = performance.now();
    this.since ??= now;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), Math.max(0, Math.min(QUIET_MS, this.since + LATEST_MS - now)));
  }

  flush(): void {
    if (this.since === null) return;
    this.cancel();
    this.save();
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.since = null;
  }
}
