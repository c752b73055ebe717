/**
 * The server's business time as this page knows it, with a bound of its error.
 *
 * One exchange (hello or resume, then welcome) puts the offset between two bounds half a round trip
 * wide. Every later beat says only "at least this much": it narrows the bounds while they are young,
 * and afterwards the best beat of the last minute shows how far the two clocks have drifted apart.
 * The computer's own date is never used, so a wrong date changes no countdown.
 */
const WINDOW = 12;

export class ServerClock {
  private low: number;
  private high: number;
  private base: number | null = null;
  private beats: number[] = [];
  private exchanged = false;

  /** `now` is what the server wrote into the page; `tick` a monotonic clock in ms. */
  constructor(
    now: number,
    private readonly tick: () => number = () => performance.now(),
  ) {
    const offset = now - this.tick();
    this.low = offset;
    this.high = offset + 2000;
  }

  /** An exchange: asked at `sent` (monotonic), answered now with the server's `now`. */
  exchange(sent: number, now: number): void {
    this.low = now - this.tick();
    this.high = now - sent;
    this.base = null;
    this.beats = [this.low];
    this.exchanged = true;
  }

  /** One way only: the server said `now`, which has travelled for an unknown time. */
  beat(now: number): void {
    if (!this.exchanged) return;
    const least = now - this.tick();
    this.beats.push(least);
    if (this.beats.length > WINDOW) this.beats.shift();
    const best = Math.max(...this.beats);
    if (this.base === null) {
      this.low = Math.min(Math.max(this.low, least), this.high);
      if (this.beats.length === WINDOW) this.base = best;
      return;
    }
    const drift = best - this.base;
    this.base = best;
    this.low += drift;
    this.high += drift;
  }

  /** Server's business time, ms. */
  now(): number {
    return this.tick() + (this.low + this.high) / 2;
  }

  /** Half the distance of the bounds, ms, rounded up: the truth lies within `now() ± error()`. */
  error(): number {
    return Math.max(1, Math.ceil((this.high - this.low) / 2));
  }
}
