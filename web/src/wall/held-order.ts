/**
 * An order that is renewed at most every 5 s and never under a hand or the focus: what one is about to
 * press stays where it is. What is new goes last until then. Pure but for the time that is passed in.
 */
export const RESORT_MS = 5000;

export class HeldOrder<Item> {
  private order: string[] = [];
  private sortedAt = -Infinity;
  /** How many would stand elsewhere, were the order not held. */
  moved = 0;

  constructor(private readonly keyOf: (item: Item) => string) {}

  forget(): void {
    this.order = [];
  }

  sort(items: readonly Item[], compare: (a: Item, b: Item) => number, now: number, held: boolean): Item[] {
    const fresh = [...items].sort(compare);
    if (!this.order.length || (!held && now - this.sortedAt >= RESORT_MS)) {
      this.order = fresh.map(this.keyOf);
      this.sortedAt = now;
      this.moved = 0;
      return fresh;
    }
    const place = new Map(this.order.map((key, i) => [key, i]));
    for (const item of fresh) {
      const key = this.keyOf(item);
      if (!place.has(key)) place.set(key, this.order.push(key) - 1);
    }
    const shown = [...fresh].sort((a, b) => (place.get(this.keyOf(a)) ?? 0) - (place.get(this.keyOf(b)) ?? 0));
    this.moved = !held ? 0 : shown.reduce((n, item, i) => n + (fresh[i] === item ? 0 : 1), 0);
    return shown;
  }
}
