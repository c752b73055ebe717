/**
 * Which key does what: the only place that names keys. Bindings, hints beside buttons, what screen readers are
 * told and the list behind `?` all read it here, so that none of them can say another key than is heard.
 */
export interface Chord {
  /** By place (`event.code`): `KeyR`, `Digit1`; several for keys that exist twice, the first gives the name. */
  codes: string[];
  alt?: boolean;
  ctrl?: boolean;
  shift?: boolean;
  /** Counts when it is pressed so often. */
  times?: number;
}

const key = (...codes: string[]): Chord => ({ codes });
const alt = (code: string, more?: Partial<Chord>): Chord => ({ codes: [code], alt: true, ...more });
const enter = ["Enter", "NumpadEnter"];
const digit = (n: string): Chord => key(`Digit${n}`, `Numpad${n}`);

/** The outcomes in the order of the keyboard. */
export const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] as const;
type Digit = (typeof DIGITS)[number];

/** Digits are found on the keypad too; Ctrl+Shift is for browsers that keep Alt and a digit for themselves. */
const outcomes = Object.fromEntries(
  DIGITS.map((n) => [`outcome-${n}`, [digit(n), { ...digit(n), alt: true }, { ...digit(n), ctrl: true, shift: true }]]),
) as Record<`outcome-${Digit}`, Chord[]>;

const named = {
  list: [{ ...key("Slash"), shift: true }, { ...key("Slash"), ctrl: true }],
  explain_search: [key("Slash")],
  // The agent
  ready: [alt("KeyR")],
  pause: [alt("KeyP")],
  help: [alt("KeyA")],
  inbox: [alt("KeyB")],
  read: [alt("KeyV")],
  // The call
  dial: [{ ...key(...enter), ctrl: true }],
  mute: [alt("KeyU")],
  hold: [alt("KeyJ")],
  hangup: [alt("KeyX", { times: 2 })],
  script: [alt("KeyS")],
  objections: [alt("KeyO")],
  tick: [alt("KeyC")],
  last: [alt("KeyL")],
  payments: [alt("KeyY")],
  promises: [alt("KeyM")],
  handling: [alt("KeyG")],
  loans: [alt("KeyH")],
  // Its outcome
  finish: [{ ...key(...enter), ctrl: true }],
  extend: [alt("KeyW")],
  note: [alt("KeyT")],
  templates: [alt("KeyQ")],
  promise: [alt("KeyI")],
  callback: [alt("KeyK")],
  tree: [alt("Minus")],
  back: [key("Escape")],
  // The wall
  stop: [alt("KeyX")],
  floor: [alt("Digit1")],
  campaigns: [alt("Digit2")],
  agents: [alt("Digit3")],
  alerts: [alt("Digit4")],
  stop_row: [key("KeyS")],
  alert_seen: [key("KeyA")],
  alert_shelve: [key("KeyS")],
  // Live calls, heard by their list
  monitor_listen: [key("KeyL")],
  monitor_whisper: [key("KeyH")],
  monitor_barge: [key("KeyG")],
  monitor_message: [key("KeyM")],
  monitor_leave: [key("Escape")],
  walk: [key("ArrowUp"), key("ArrowDown"), key("Enter")],
};

export type KeyId = keyof typeof named | keyof typeof outcomes;

export const CHORDS: Readonly<Record<KeyId, readonly Chord[]>> = { ...named, ...outcomes };

const SIGNS: Record<string, string> = { Enter: "⏎", Escape: "Esc", Slash: "/", Minus: "−", ArrowUp: "↑", ArrowDown: "↓" };

const sign = (code = ""): string => SIGNS[code] ?? code.replace(/^(Key|Digit)/, "");

const held = ({ alt, ctrl, shift }: Chord): string => `${ctrl ? "Ctrl " : ""}${alt ? "Alt " : ""}${shift ? "⇧ " : ""}`;

export const isDigit = ({ codes }: Chord): boolean => !!codes[0]?.startsWith("Digit");

/** As it stands on a key cap: `Alt U`, `Ctrl ⏎`, `?`; `Alt X ×2`. */
export function written(chord: Chord): string {
  const { codes, shift, times } = chord;
  if (shift && codes[0] === "Slash") return "?";
  return `${held(chord)}${sign(codes[0])}${times ? ` ×${times}` : ""}`;
}

/** All of them, each once; a row of digits as its ends: `Alt 1…0`. */
export function writtenTogether(chords: readonly Chord[]): string[] {
  const rows = Map.groupBy(chords, (chord) => (isDigit(chord) ? held(chord) : written(chord)));
  return [...rows].map(([name, row]) => {
    const first = sign(row[0]?.codes[0]);
    const last = sign(row.at(-1)?.codes[0]);
    return first === last ? written(row[0] as Chord) : `${name}${first}…${last}`;
  });
}

/** For `aria-keyshortcuts`: `Alt+U`, `Control+Enter`. */
export function ariaWritten({ codes, alt, ctrl, shift }: Chord): string {
  const plain = { Minus: "-", Slash: "/" }[codes[0] ?? ""] ?? (codes[0] ?? "").replace(/^(Key|Digit)/, "");
  return [ctrl && "Control", alt && "Alt", shift && "Shift", plain].filter(Boolean).join("+");
}

export const fits = ({ codes, alt, ctrl, shift }: Chord, event: KeyboardEvent): boolean =>
  codes.includes(event.code) && event.altKey === !!alt && event.ctrlKey === !!ctrl && event.shiftKey === !!shift && !event.metaKey;
