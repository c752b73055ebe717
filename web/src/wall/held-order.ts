/**
 * An order that is renewed at most every 5 s and never under a hand or the focus: what one is about to
 * press stays where it is. What is new goes last until then. Pure but for the time that is passed in.
 */
export const RESORT_MS = 5000;

export class HeldOrder<Item> {
  private readonly place = new Map<string, number>();
  private sortedAt = -Infinity;
  /** How many would stand elsewhere, were the order not held. */
  moved = 0;

  constructor(private readonly keyOf: (item: Item) => string) {}

  forget(): void {
    this.place.clear();
  }

  sort(items: readonly Item[], compare: (a: Item, b: Item) => number, now: number, held: boolean): Item[] {
    const { place } = this;
    const fresh = [...items].sort(compare);
    if (!place.size || (!held && now - this.sortedAt >= RESORT_MS)) {
      place.clear();
      for (const item of fresh) place.set(this.keyOf(item), place.size);
      this.sortedAt = now;
      this.moved = 0;
      return fresh;
    }
    for (const item of fresh) {
      const key = this.keyOf(item);
      if (!place.has(key)) place.set(key, place.size);
    }
    const shown = [...fresh].sort((a, b) => (place.get(this.keyOf(a)) ?? 0) - (place.get(this.keyOf(b)) ?? 0));
    this.moved = !held ? 0 : shown.reduce((n, item, i) => n + (fresh[i] === item ? 0 : 1), 0);
    return shown;
  }
}
