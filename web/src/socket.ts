/**
 * The one socket of a page: ticket, hello, resume by position, receipts, heartbeat, return.
 *
 * Truth about the connection comes from what was heard, never from `navigator.onLine`. A return is
 * spread over 0-3 s (full jitter) so that a restart is not followed by a stampede. It knows no business:
 * cards go to the store, `screen:` cards are answered with a receipt at once.
 */
import { decode, encode } from "@msgpack/msgpack";
import { LATER_MS, PROTOCOL, SILENT, afterClose } from "./closing";
import type { ServerClock } from "./server-clock";
import type { Store, WireCard } from "./store";

/** `live` heard lately; `lost` trying to return; `ended` will not return by itself, see `code`. */
export type LinkState = "connecting" | "live" | "lost" | "ended";

export interface Link {
  state: LinkState;
  /** Server said its broker is away: sockets live, figures old. */
  stale: boolean;
  attempt: number;
  /** Monotonic ms when the line was lost, while `state` is `lost`. */
  lostAt: number | null;
  code: number | null;
  rttMs: number | null;
}

/** No ticket, and asking again is useless: `code` is the close code that says why. */
export class NoTicket extends Error {
  constructor(readonly code: number) {
    super(`no ticket: ${code}`);
  }
}

interface Ticket {
  ticket: string;
  url: string;
  /** Which of the ticket's channels this page listens to. */
  want: string[];
}

interface Options {
  store: Store;
  clock: ServerClock;
  fetchTicket: () => Promise<Ticket>;
  onLink: (link: Link) => void;
  /** Cards whose arrival is reported at once. */
  receipted: (key: string) => boolean;
  onFrame?: (channel: string | null, offset: number) => void;
}

type Frame = Record<string, unknown> & { t: string };

/** Silence longer than this is a dead line, ms. Beats come every 5 s; looked at twice a second. */
export const SILENCE_MS = 6500;
/** A short gap is not shown, ms. */
export const DEBOUNCE_MS = 1500;
const OPEN_MS = 8000;

export class Socket {
  private socket: WebSocket | null = null;
  private token: string | null = null;
  private url = "/ws";
  private heardAt = performance.now();
  private askedAt = 0;
  private again: number | null = null;
  private timer: number | undefined;
  private shown: number | undefined;
  private trying = false;
  link: Link = { state: "connecting", stale: false, attempt: 0, lostAt: null, code: null, rttMs: null };

  constructor(private readonly options: Options) {
    setInterval(() => this.listen(), 500);
    // A hint to hurry, nothing more: the line is judged by what is heard.
    addEventListener("online", () => this.hurry());
    addEventListener("pagehide", () => this.socket?.close(1000));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  start(): void {
    void this.open();
  }

  /** Returns at once instead of at the end of the waiting time. */
  hurry(): void {
    if (this.socket || this.trying || this.link.state === "ended") return;
    clearTimeout(this.timer);
    void this.open();
  }

  send(frame: Frame): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(encode(frame, { ignoreUndefined: true }));
    return true;
  }

  /** Says when a card was on the screen: `at` in server's ms, `err` its bound. */
  painted(ch: string, key: string, o: number, at: number, err: number): void {
    this.send({ t: "painted", ch, key, o, at: Math.round(at), err });
  }

  private async open(): Promise<void> {
    this.trying = true;
    let hello: Frame | null = null;
    try {
      hello = await this.greeting();
    } catch (error) {
      if (error instanceof NoTicket) return this.end(error.code);
    } finally {
      this.trying = false;
    }
    if (!hello) return this.lost();
    this.dial(hello);
  }

  private async greeting(): Promise<Frame> {
    if (this.token) {
      return { t: "resume", v: 1, token: this.token, at: this.options.store.positions() };
    }
    const { ticket, url, want } = await this.options.fetchTicket();
    this.url = url || "/ws";
    return { t: "hello", v: 1, ticket, want };
  }

  private dial(hello: Frame): void {
    const address = new URL(this.url, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.again = null;
    this.heardAt = performance.now();
    const slow = setTimeout(() => this.drop(socket, SILENT), OPEN_MS);
    socket.onopen = () => {
      clearTimeout(slow);
      this.heardAt = this.askedAt = performance.now();
      this.send(hello);
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(event.data as ArrayBuffer);
    };
    socket.onclose = (event) => {
      clearTimeout(slow);
      this.drop(socket, event.code);
    };
  }

  private receive(bytes: ArrayBuffer): void {
    this.heardAt = performance.now();
    let frame: Frame;
    try {
      frame = decode(new Uint8Array(bytes)) as Frame;
    } catch {
      const socket = this.socket;
      if (socket) this.drop(socket, PROTOCOL);
      return;
    }
    this.take(frame);
  }

  private take(frame: Frame): void {
    switch (frame.t) {
      case "welcome":
        return this.welcomed(frame);
      case "snapshot":
        return this.snapshot(frame);
      case "cards":
        return this.cards(frame);
      case "beat":
        this.options.clock.beat(frame["now"] as number);
        this.send({ t: "pong", n: frame["n"] as number });
        return this.options.onFrame?.(null, 0);
      case "stale":
      case "fresh":
        return this.change({ stale: frame.t === "stale" });
      case "bye":
        this.again = (frame["again"] as number | null) ?? null;
    }
  }

  private welcomed(frame: Frame): void {
    this.options.clock.exchange(this.askedAt, frame["now"] as number);
    this.token = frame["token"] as string;
    clearTimeout(this.shown);
    this.shown = undefined;
    const rttMs = Math.round(performance.now() - this.askedAt);
    this.change({ state: "live", stale: false, attempt: 0, lostAt: null, code: null, rttMs });
  }

  private snapshot(frame: Frame): void {
    const channel = frame["ch"] as string;
    const cards = frame["cards"] as WireCard[];
    this.receipt(channel, cards);
    const [epoch, offset] = [frame["ep"] as string, frame["o"] as number];
    this.options.store.piece(channel, epoch, offset, frame["part"] as number, frame["last"] as boolean, cards);
    this.options.onFrame?.(channel, offset);
  }

  private cards(frame: Frame): void {
    const channel = frame["ch"] as string;
    const cards = frame["cards"] as WireCard[];
    this.receipt(channel, cards);
    if (!this.options.store.apply(channel, frame["ep"] as string, cards)) return this.resync(channel);
    const last = cards.at(-1);
    if (last) this.options.onFrame?.(channel, last[0]);
  }

  private receipt(ch: string, cards: WireCard[]): void {
    for (const [o, key, value] of cards) {
      if (value !== null && value !== undefined && this.options.receipted(key)) {
        this.send({ t: "got", ch, key, o });
      }
    }
  }

  /** The channel began a new life while we listened: come back without a position for it. */
  private resync(channel: string): void {
    this.options.store.forget(channel);
    const socket = this.socket;
    if (!socket) return;
    this.again = 0;
    this.drop(socket, SILENT);
  }

  /** Twice a second: was anything heard lately? */
  private listen(): void {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.heardAt <= SILENCE_MS) return;
    this.drop(socket, SILENT);
    // Silence has been long enough already: no debounce on top of it.
    this.change({ state: "lost" });
  }

  private drop(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return;
    this.socket = null;
    socket.onmessage = socket.onclose = null;
    if (socket.readyState <= WebSocket.OPEN) socket.close(code >= 3000 ? code : 1000);
    this.options.store.dropPieces();
    const next = afterClose(code);
    if (next === "stop" || next === "reload") return this.end(code);
    if (next === "ticket") this.token = null;
    if (next === "later") this.again = Math.max(this.again ?? 0, LATER_MS);
    this.lost();
  }

  private lost(): void {
    const attempt = this.link.attempt + 1;
    this.link = { ...this.link, attempt, lostAt: this.link.lostAt ?? performance.now() };
    const cap = attempt > 20 ? 10_000 : Math.min(3000, 400 * 2 ** attempt);
    const wait = this.again ?? Math.random() * cap;
    this.again = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.open(), wait);
    if (this.link.state === "lost") this.change({});
    else this.shown ??= setTimeout(() => this.change({ state: "lost" }), DEBOUNCE_MS);
  }

  private end(code: number): void {
    clearTimeout(this.timer);
    clearTimeout(this.shown);
    this.change({ state: "ended", code });
  }

  private change(part: Partial<Link>): void {
    this.link = { ...this.link, ...part };
    this.options.onLink(this.link);
  }
}
