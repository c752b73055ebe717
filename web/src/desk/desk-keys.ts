/** What each key does at the desk. */
import { digitCodes, type Binding, type Keys } from "../keys";
import type { AgentDesk } from "./agent-desk";
import type { CallbackForm } from "./callback-form";
import type { DeskModel } from "./model";
import type { CardName } from "./open-cards";

type Short = Omit<Binding, "codes" | "alt"> & { code: string };

export function bindDesk(keys: Keys, desk: DeskModel, page: AgentDesk): void {
  keys.add(...agentKeys(desk, page), ...callKeys(desk, page), ...wrapKeys(desk, page), ...digitKeys(desk, page));
}

const alt = ({ code, ...rest }: Short): Binding => ({ codes: [code], alt: true, ...rest });

function agentKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  return [
    alt({ id: "ready", code: "KeyR", label: "key.ready", group: "agent", written: "Alt R", when: () => !desk.engaged && desk.known !== "READY", run: () => void desk.ready() }),
    alt({ id: "pause", code: "KeyP", label: "key.pause", group: "agent", written: "Alt P", run: () => page.pauseMenu?.toggle() }),
    alt({ id: "help", code: "KeyA", label: "key.help", group: "agent", written: "Alt A", run: () => page.helpMenu?.toggle() }),
    alt({ id: "inbox", code: "KeyB", label: "key.inbox", group: "agent", written: "Alt B", when: () => !desk.engaged, run: () => page.inbox?.toggle() }),
    alt({ id: "read", code: "KeyV", label: "key.read", group: "agent", written: "Alt V", when: () => desk.asks.messages.length > 0, run: () => page.coach?.press() }),
  ];
}

function callKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  const talking = (): boolean => desk.talking;
  const engaged = (): boolean => desk.engaged;
  const card = (id: CardName, code: string, written: string): Binding =>
    alt({ id, code, label: `key.card_${id}`, group: "call", written, when: engaged, throttle: 0, run: () => page.cards?.toggle(id) });
  return [
    alt({ id: "mute", code: "KeyU", label: "key.mute", group: "call", written: "Alt U", when: talking, run: () => void desk.mute() }),
    alt({ id: "hold", code: "KeyJ", label: "key.hold", group: "call", written: "Alt J", when: talking, run: () => void desk.hold() }),
    alt({ id: "hangup", code: "KeyX", label: "key.hangup", group: "call", written: "Alt X ×2", when: talking, throttle: 0, run: () => desk.hangUp() }),
    alt({ id: "script", code: "KeyS", label: "key.script", group: "call", written: "Alt S", when: engaged, throttle: 0, run: () => page.say?.sayNext() }),
    alt({ id: "objections", code: "KeyO", label: "key.objections", group: "call", written: "Alt O", when: engaged, run: () => page.say?.object() }),
    alt({ id: "tick", code: "KeyC", label: "key.tick", group: "call", written: "Alt C", when: engaged, throttle: 150, run: () => page.say?.tickNext() }),
    card("last", "KeyL", "Alt L"),
    card("payments", "KeyY", "Alt Y"),
    card("promises", "KeyM", "Alt M"),
    card("handling", "KeyG", "Alt G"),
    card("loans", "KeyH", "Alt H"),
  ];
}

function wrapKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  const engaged = (): boolean => desk.engaged;
  const wrapping = (): boolean => desk.known === "WRAP_UP" && !!desk.agent?.extends_left;
  return [
    { id: "finish", codes: ["Enter", "NumpadEnter"], ctrl: true, label: "key.finish", group: "wrap", written: "Ctrl ⏎", when: engaged, run: page.finish },
    alt({ id: "extend", code: "KeyW", label: "key.extend", group: "wrap", written: "Alt W", when: wrapping, run: () => void desk.extend() }),
    alt({ id: "note", code: "KeyT", label: "key.note", group: "wrap", written: "Alt T", when: engaged, throttle: 0, run: () => page.pad?.focusNote() }),
    alt({ id: "templates", code: "KeyQ", label: "key.templates", group: "wrap", written: "Alt Q", when: () => desk.engaged && !desk.withOther, run: () => page.pad?.noteMenu?.toggle() }),
    alt({ id: "promise", code: "KeyI", label: "key.promise", group: "wrap", written: "Alt I", when: engaged, run: () => page.pad?.jump("promise") }),
    alt({ id: "callback", code: "KeyK", label: "key.callback", group: "wrap", written: "Alt K", when: engaged, run: () => page.pad?.jump("callback") }),
    alt({ id: "tree", code: "Minus", label: "key.tree", group: "wrap", written: "Alt −", when: engaged, run: () => desk.open("tree") }),
    {
      id: "back",
      codes: ["Escape"],
      // Works in the fields of the form too, so it is not a single-character key.
      label: "key.back",
      group: "wrap",
      written: "Esc",
      when: () => !!desk.form || desk.correcting,
      run: () => desk.closeForm(),
      anywhere: true,
    },
  ];
}

/** A digit picks a preset while the callback form is open, an outcome otherwise. */
function digitKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  const press = (digit: string, preset: boolean): void => {
    const form = page.querySelector<CallbackForm>("callback-form");
    if (preset && form?.pick(digit)) return;
    const outcome = desk.quick.find(({ key }) => key === digit);
    if (outcome) desk.choose(outcome.leaf);
  };
  const written = "1…9, 0 / Alt 1…0 / Ctrl ⇧ 1…0";
  return [..."1234567890"].flatMap((digit) => {
    const shared = { label: "key.outcome", group: "wrap", written, when: () => desk.engaged } as const;
    const id = `outcome-${digit}`;
    return [
      { ...shared, id, codes: digitCodes(digit), run: () => press(digit, true) },
      { ...shared, id, codes: digitCodes(digit), alt: true, run: () => press(digit, false) },
      { ...shared, id, codes: digitCodes(digit), ctrl: true, shift: true, run: () => press(digit, false) },
    ] satisfies Binding[];
  });
}
