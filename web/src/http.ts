/**
 * Upward road: POST with an idempotency key, so that a retry is never a second action.
 *
 * Orders (ready, hang up) must not arrive late: they are tried for a few seconds and then refused aloud.
 * Records (outcome, finish, draft) must not be lost: they wait in a queue, in order, and survive a reload.
 */
import { boot } from "./boot";
import { t } from "./i18n";

export interface Problem {
  code: string;
  sentence: string;
  field: string | null;
  /** HTTP status; 0 when no answer came. */
  status: number;
}

export type Answer<T = Record<string, unknown>> = ({ ok: true } & T) | { ok: false; problem: Problem };

/** Random id; `crypto.randomUUID` exists in secure contexts only, and a desk may be served in the clear. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const ANSWER_MS = 8000;
const worthRetrying = (status: number): boolean => status === 0 || status === 429 || status >= 502;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function unanswered(): Answer<never> {
  return {
    ok: false,
    problem: { code: "UNREACHABLE", sentence: t("http.unreachable"), field: null, status: 0 },
  };
}

type Player = (path: string, body: Record<string, unknown> | undefined) => Promise<Answer> | null;
let player: Player | null = null;

/** Whoever plays a desk in training answers in the server's place; what he leaves (null) goes there. */
export function playFor(next: Player): void {
  player = next;
}

async function send<T>(method: string, path: string, key: string, body?: unknown): Promise<Answer<T>> {
  const played = player?.(path, body as Record<string, unknown> | undefined);
  if (played) return (await played) as Answer<T>;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        Accept: "application/json",
        "X-CSRF-Token": boot.csrf,
        ...(method === "GET" ? {} : { "Content-Type": "application/json", "Idempotency-Key": key }),
      },
      ...(method === "GET" ? {} : { body: JSON.stringify(body ?? {}) }),
    });
  } catch {
    return unanswered();
  }
  return read<T>(response);
}

async function read<T>(response: Response): Promise<Answer<T>> {
  // A redirect means the sign-in page: the session is over.
  const status = response.type === "opaqueredirect" ? 401 : response.status;
  const said = (await response.json().catch(() => null)) as
    | ({ ok?: boolean; error?: Partial<Problem> } & T)
    | null;
  if (response.ok && said && !said.error) return { ...said, ok: true };
  const problem: Problem = {
    code: said?.error?.code ?? `HTTP_${status}`,
    sentence: said?.error?.sentence ?? (status === 401 ? t("http.signed_out") : t("http.failed", { code: status })),
    field: said?.error?.field ?? null,
    status,
  };
  return { ok: false, problem };
}

/** An order: tried for about three seconds with one key, then given up with a sentence. */
export async function post<T = Record<string, unknown>>(path: string, body?: unknown): Promise<Answer<T>> {
  const key = newKey();
  let answer = await send<T>("POST", path, key, body);
  for (const wait of [250, 700, 1500]) {
    if (answer.ok || !worthRetrying(answer.problem.status)) break;
    await pause(wait);
    answer = await send<T>("POST", path, key, body);
  }
  return answer;
}

/** What is said while the page goes: nobody is there to hear the answer. */
export function postLast(path: string): void {
  const headers = { "X-CSRF-Token": boot.csrf, "Content-Type": "application/json", "Idempotency-Key": newKey() };
  void fetch(path, { method: "POST", credentials: "same-origin", keepalive: true, headers, body: "{}" }).catch(() => undefined);
}

export const get = <T>(path: string): Promise<Answer<T>> => send<T>("GET", path, "");

interface Letter {
  key: string;
  path: string;
  body: Record<string, unknown>;
  /** Records of one `slot` replace each other while they wait (drafts). */
  slot: string | null;
  /** It could not be sent when it was put in. */
  late?: boolean;
}

type Settled = (record: { path: string; body: Record<string, unknown> }, answer: Answer) => void;

/** What must reach the server, in order, however long it takes. Kept in the tab's storage. */
export class Outbox {
  private waiting: Letter[];
  private busy = false;
  private sentLate = 0;
  private failures = 0;

  constructor(
    private readonly name: string,
    private readonly onSettled: Settled,
    private readonly onCount: (waiting: number, sentLate: number) => void,
  ) {
    this.waiting = JSON.parse(sessionStorage.getItem(name) ?? "[]") as Letter[];
    if (this.waiting.length) void this.run();
  }

  get size(): number {
    return this.waiting.length;
  }

  put(path: string, body: Record<string, unknown>, slot: string | null = null): void {
    const first = this.busy ? 1 : 0;
    if (slot) this.waiting = this.waiting.filter((record, i) => i < first || record.slot !== slot);
    this.waiting.push({ key: newKey(), path, body, slot, late: this.failures > 0 });
    this.keep();
    if (this.failures) this.onCount(this.waiting.length, 0);
    void this.run();
  }

  /** Forgets waiting records of a slot: their call is finished. */
  forget(slot: string): void {
    const first = this.busy ? 1 : 0;
    this.waiting = this.waiting.filter((record, i) => i < first || record.slot !== slot);
    this.keep();
  }

  /** Tries at once: the line is back. */
  hurry(): void {
    this.failures = 0;
    void this.run();
  }

  private keep(): void {
    if (this.waiting.length) sessionStorage.setItem(this.name, JSON.stringify(this.waiting));
    else sessionStorage.removeItem(this.name);
  }

  private async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting[0]) {
      const record = this.waiting[0];
      const answer = await send("POST", record.path, record.key, record.body);
      if (!answer.ok && (worthRetrying(answer.problem.status) || answer.problem.status === 401)) {
        this.failures += 1;
        for (const waiting of this.waiting) waiting.late = true;
        this.onCount(this.waiting.length, 0);
        if (this.failures > 1) break;
        await pause(400);
        continue;
      }
      if (record.late) this.sentLate += 1;
      this.waiting.shift();
      this.keep();
      this.onSettled(record, answer);
    }
    this.busy = false;
    this.rest();
  }

  private rest(): void {
    if (this.waiting.length) {
      setTimeout(() => void this.run(), Math.min(10_000, 500 * 2 ** Math.min(this.failures, 5)));
      return;
    }
    this.onCount(0, this.sentLate);
    this.failures = this.sentLate = 0;
  }
}
