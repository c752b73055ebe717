/**
 * Cards by channel and key. The newest wins, nil removes, a snapshot replaces its channel.
 *
 * Whoever draws subscribes and reads; nothing else writes here. One frame means one notification.
 */
export interface Position {
  epoch: string;
  offset: number;
}

export type WireCard = [offset: number, key: string, value: unknown];

export interface Change {
  channel: string;
  key: string;
  offset: number;
  value: unknown;
}

interface Channel extends Position {
  cards: Map<string, { offset: number; value: unknown }>;
}

type Subscriber = (changes: readonly Change[]) => void;

export class Store {
  private readonly channels = new Map<string, Channel>();
  private readonly arriving = new Map<string, { epoch: string; cards: WireCard[] }>();
  private readonly subscribers = new Set<Subscriber>();

  /** A piece of a snapshot; the channel is replaced when the last piece is here. */
  piece(channel: string, epoch: string, offset: number, part: number, last: boolean, cards: WireCard[]): void {
    if (part === 0 || !this.arriving.has(channel)) this.arriving.set(channel, { epoch, cards: [] });
    const whole = this.arriving.get(channel);
    if (!whole) return;
    whole.cards.push(...cards);
    if (!last) return;
    this.arriving.delete(channel);
    this.replace(channel, { epoch, offset }, whole.cards);
  }

  private replace(name: string, position: Position, cards: WireCard[]): void {
    const before = this.channels.get(name)?.cards ?? new Map<string, unknown>();
    const after: Channel = { ...position, cards: new Map() };
    const changes: Change[] = [];
    for (const [offset, key, value] of cards) {
      if (value === null || value === undefined) continue;
      after.cards.set(key, { offset, value });
      changes.push({ channel: name, key, offset, value });
    }
    for (const key of before.keys()) {
      if (!after.cards.has(key)) changes.push({ channel: name, key, offset: position.offset, value: null });
    }
    this.channels.set(name, after);
    this.tell(changes);
  }

  /** Applies cards in order. False when they belong to another life of the channel: ask again from zero. */
  apply(name: string, epoch: string, cards: WireCard[]): boolean {
    let channel = this.channels.get(name);
    if (channel && channel.epoch !== epoch) return false;
    if (!channel) {
      channel = { epoch, offset: 0, cards: new Map() };
      this.channels.set(name, channel);
    }
    const changes: Change[] = [];
    for (const [offset, key, value] of cards) {
      const held = channel.cards.get(key);
      channel.offset = Math.max(channel.offset, offset);
      if (held && held.offset >= offset) continue;
      if (value === null || value === undefined) channel.cards.delete(key);
      else channel.cards.set(key, { offset, value });
      changes.push({ channel: name, key, offset, value: value ?? null });
    }
    this.tell(changes);
    return true;
  }

  get<T>(channel: string, key: string): T | null {
    return (this.channels.get(channel)?.cards.get(key)?.value as T | undefined) ?? null;
  }

  offsetOf(channel: string, key: string): number | null {
    return this.channels.get(channel)?.cards.get(key)?.offset ?? null;
  }

  /** Cards whose key begins with `prefix`, over all channels or one. */
  *matching<T>(prefix: string, only?: string): Generator<[key: string, value: T, channel: string]> {
    for (const [name, channel] of this.channels) {
      if (only !== undefined && name !== only) continue;
      for (const [key, card] of channel.cards) {
        if (key.startsWith(prefix)) yield [key, card.value as T, name];
      }
    }
  }

  positions(): Record<string, [epoch: string, offset: number]> {
    const at: Record<string, [string, number]> = {};
    for (const [name, channel] of this.channels) at[name] = [channel.epoch, channel.offset];
    return at;
  }

  has(channel: string): boolean {
    return this.channels.has(channel);
  }

  /** Forgets a channel's position and cards, so that the next answer must be a snapshot. */
  forget(channel: string): void {
    this.channels.delete(channel);
    this.arriving.delete(channel);
  }

  /** Half-arrived snapshots of a lost socket never complete. */
  dropPieces(): void {
    this.arriving.clear();
  }

  subscribe(subscriber: Subscriber): () => void {
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  }

  private tell(changes: Change[]): void {
    if (!changes.length) return;
    for (const subscriber of this.subscribers) subscriber(changes);
  }
}
