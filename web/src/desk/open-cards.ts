/** Which of the five cards an agent keeps open: remembered for the person, on this machine. No network. */
export type CardName = "last" | "payments" | "promises" | "handling" | "loans";

const AT_FIRST: CardName[] = ["last", "handling"];
const isName = (value: unknown): value is CardName => ["last", "payments", "promises", "handling", "loans"].includes(String(value));

export class OpenCards {
  private readonly key: string;
  private readonly names: Set<CardName>;

  constructor(user: string) {
    this.key = `paceline.cards.${user}`;
    this.names = new Set(recall(this.key));
  }

  has(name: CardName): boolean {
    return this.names.has(name);
  }

  toggle(name: CardName): void {
    if (!this.names.delete(name)) this.names.add(name);
    localStorage.setItem(this.key, JSON.stringify([...this.names]));
  }
}

function recall(key: string): CardName[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return Array.isArray(kept) ? kept.filter(isName) : AT_FIRST;
  } catch {
    return AT_FIRST;
  }
}
