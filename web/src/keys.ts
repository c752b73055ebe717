/**
 * Shortcuts by physical key (`event.code`), so that the Vietnamese keyboards change nothing.
 *
 * A single key never fires in a field, nor while a word is being composed (VNI types tone marks with
 * digits), nor when the person has switched single keys off (WCAG 2.1.4). Alt works everywhere.
 */
import type { Key } from "./i18n";

export interface Binding {
  id: string;
  /** `KeyR`, `Digit1`, `Enter`; several for keys that exist twice. */
  codes: string[];
  alt?: boolean;
  ctrl?: boolean;
  shift?: boolean;
  /** For the list: what it does, in which group, how it is written. */
  label: Key;
  group: "all" | "agent" | "call" | "wrap" | "wall";
  written: string;
  /** Asks at the moment of the key whether it means anything now. */
  when?: () => boolean;
  run: (event: KeyboardEvent) => void;
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
export const movable = ({ alt, codes, group }: Binding): boolean =>
  !!alt && codes.length === 1 && group !== "all" && !codes[0]?.startsWith("Digit");

/** `Alt U`, or as the person has set it. */
export function hint(id: string, usual: string): string {
  const code = own[id];
  return code ? `Alt ${code.replace(/^(Key|Digit)/, "")}${usual.endsWith("×2") ? " ×2" : ""}` : usual;
}

/** For `aria-keyshortcuts`: `Alt+U`. */
export const ariaKeys = (id: string, usual: string): string => hint(id, usual.replace("+", " ")).replace(" ", "+");

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
      if (!this.fits(binding, event)) continue;
      event.preventDefault();
      const now = performance.now();
      if (now - (this.last.get(binding.id) ?? -Infinity) < (binding.throttle ?? THROTTLE_MS)) return;
      this.last.set(binding.id, now);
      binding.run(event);
      return;
    }
  }

  private fits(binding: Binding, event: KeyboardEvent): boolean {
    const moved = movable(binding) ? own[binding.id] : undefined;
    if (moved ? event.code !== moved : !binding.codes.includes(event.code)) return false;
    if (event.altKey !== !!binding.alt || event.metaKey) return false;
    if (event.ctrlKey !== !!binding.ctrl || event.shiftKey !== !!binding.shift) return false;
    const single = !binding.alt && !binding.ctrl && !binding.anywhere;
    if (single && (!singleKeys.on || isTyping(event.target))) return false;
    return binding.when?.() ?? true;
  }
}

export const digitCodes = (digit: string): string[] => [`Digit${digit}`, `Numpad${digit}`];
