/**
 * Shortcuts by physical key (`event.code`), so that the Vietnamese keyboards change nothing.
 *
 * A single key never fires in a field, nor while a word is being composed (VNI types tone marks with
 * digits), nor when the person has switched single keys off (WCAG 2.1.4). Alt works everywhere.
 */
import { CHORDS, ariaWritten, fits, isDigit, written, type Chord, type KeyId } from "./chords";
import type { Key } from "./i18n";

export interface Binding {
  /** Its keys stand in `chords.ts`. */
  id: KeyId;
  /** For the list: what it does, in which group. */
  label: Key;
  group: "all" | "agent" | "call" | "wrap" | "wall" | "monitor";
  /** Asks at the moment of the key whether it means anything now. */
  when?: () => boolean;
  /** Absent where the part that has the focus hears the key itself: then it is only told in the list. */
  run?: (event: KeyboardEvent) => void;
  /** Least time between two, ms; 0 for keys that count presses. */
  throttle?: number;
  /** A key that is no character (Escape): it may fire inside a field. */
  anywhere?: boolean;
}

const SWITCH = "paceline.single_keys";
const THROTTLE_MS = 500;

/** Keys that the person has chosen himself, by what they do: `{ mute: "KeyQ" }`, always with Alt. */
let own: Record<string, string> = {};

export function useKeys(chosen: Record<string, string>): void {
  own = { ...chosen };
}

export const ownKeys = (): Readonly<Record<string, string>> => own;

/** Alt with one key of its own may be moved; digits, Enter, Escape and what is shared by pages may not. */
export function movable({ id, group }: Pick<Binding, "id" | "group">): boolean {
  const [only, ...others] = CHORDS[id];
  return !!only?.alt && !others.length && group !== "all" && !isDigit(only);
}

/** The keys of a deed as they are now: the usual ones, or the one that the person has chosen. */
export function chordsOf(id: KeyId): readonly Chord[] {
  const moved = own[id];
  return moved ? CHORDS[id].map((chord) => ({ ...chord, codes: [moved] })) : CHORDS[id];
}

/** `Alt U`, for the cap beside a button. */
export const hint = (id: KeyId): string => written(chordsOf(id)[0] as Chord);

/** `Alt+U`, for `aria-keyshortcuts`. */
export const ariaKeys = (id: KeyId): string => ariaWritten(chordsOf(id).find(({ alt }) => alt) ?? (chordsOf(id)[0] as Chord));

/** Whether this is a key of a part that hears it only while it has the focus (WCAG 2.1.4). */
export const pressed = (id: KeyId, event: KeyboardEvent): boolean => CHORDS[id].some((chord) => fits(chord, event));

export const singleKeys = {
  get on(): boolean {
    return localStorage.getItem(SWITCH) !== "off";
  },
  set on(value: boolean) {
    localStorage.setItem(SWITCH, value ? "on" : "off");
  },
};

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit"].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

const composing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

export class Keys {
  private readonly bindings: Binding[] = [];
  private readonly last = new Map<string, number>();

  constructor() {
    addEventListener("keydown", (event) => this.press(event));
  }

  add(...bindings: Binding[]): void {
    this.bindings.push(...bindings);
  }

  get list(): readonly Binding[] {
    return this.bindings;
  }

  private press(event: KeyboardEvent): void {
    if (event.repeat || composing(event)) return;
    if (document.querySelector("dialog[open]") && event.code !== "Slash") return;
    for (const binding of this.bindings) {
      const { run } = binding;
      if (!run || !this.means(binding, event)) continue;
      event.preventDefault();
      const now = performance.now();
      if (now - (this.last.get(binding.id) ?? -Infinity) < (binding.throttle ?? THROTTLE_MS)) return;
      this.last.set(binding.id, now);
      run(event);
      return;
    }
  }

  private means(binding: Binding, event: KeyboardEvent): boolean {
    const chord = chordsOf(binding.id).find((one) => fits(one, event));
    if (!chord) return false;
    const single = !chord.alt && !chord.ctrl && !binding.anywhere;
    if (single && (!singleKeys.on || isTyping(event.target))) return false;
    return binding.when?.() ?? true;
  }
}
