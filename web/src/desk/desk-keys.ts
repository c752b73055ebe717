/** What each key does at the desk. */
import { DIGITS } from "../chords";
import type { Binding, Keys } from "../keys";
import type { AgentDesk } from "./agent-desk";
import type { CallbackForm } from "./callback-form";
import { SKIPS } from "./choosing";
import type { DeskModel } from "./model";
import type { CardName } from "./open-cards";

export function bindDesk(keys: Keys, desk: DeskModel, page: AgentDesk): void {
  keys.add(...agentKeys(desk, page), ...callKeys(desk, page), ...wrapKeys(desk, page), ...digitKeys(desk, page));
}

function agentKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  return [
    { id: "ready", label: "key.ready", group: "agent", when: () => !desk.facing && desk.known !== "READY", run: () => void desk.ready() },
    { id: "pause", label: "key.pause", group: "agent", run: () => page.pauseMenu?.toggle() },
    { id: "help", label: "key.help", group: "agent", run: () => page.helpMenu?.toggle() },
    { id: "inbox", label: "key.inbox", group: "agent", when: () => !desk.facing, run: () => page.inbox?.toggle() },
    { id: "read", label: "key.read", group: "agent", when: () => desk.asks.messages.length > 0, run: () => page.coach?.press() },
  ];
}

function callKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  const talking = (): boolean => desk.talking;
  const engaged = (): boolean => desk.engaged;
  const facing = (): boolean => desk.facing;
  const card = (id: CardName): Binding => ({ id, label: `key.card_${id}`, group: "call", when: facing, throttle: 0, run: () => page.cards?.toggle(id) });
  return [
    { id: "dial", label: "key.dial", group: "call", when: () => desk.looking, run: () => desk.choosing.dial() },
    { id: "mute", label: "key.mute", group: "call", when: talking, run: () => void desk.mute() },
    { id: "hold", label: "key.hold", group: "call", when: talking, run: () => void desk.hold() },
    { id: "hangup", label: "key.hangup", group: "call", when: () => talking() || desk.known === "DIALING", throttle: 0, run: () => desk.hangUp() },
    { id: "script", label: "key.script", group: "call", when: facing, throttle: 0, run: () => page.say?.sayNext() },
    { id: "objections", label: "key.objections", group: "call", when: facing, run: () => page.say?.object() },
    { id: "tick", label: "key.tick", group: "call", when: engaged, throttle: 150, run: () => page.say?.tickNext() },
    card("last"),
    card("payments"),
    card("promises"),
    card("handling"),
    card("loans"),
  ];
}

function wrapKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  const engaged = (): boolean => desk.engaged;
  const wrapping = (): boolean => desk.known === "WRAP_UP" && !!desk.agent?.extends_left;
  return [
    { id: "finish", label: "key.finish", group: "wrap", when: engaged, run: page.finish },
    { id: "extend", label: "key.extend", group: "wrap", when: wrapping, run: () => void desk.extend() },
    { id: "note", label: "key.note", group: "wrap", when: engaged, throttle: 0, run: () => page.pad?.focusNote() },
    { id: "templates", label: "key.templates", group: "wrap", when: () => desk.engaged && !desk.withOther, run: () => page.pad?.noteMenu?.toggle() },
    { id: "promise", label: "key.promise", group: "wrap", when: engaged, run: () => page.pad?.jump("promise") },
    { id: "callback", label: "key.callback", group: "wrap", when: engaged, run: () => page.pad?.jump("callback") },
    { id: "tree", label: "key.tree", group: "wrap", when: engaged, run: () => desk.open("tree") },
    {
      id: "back",
      // Works in the fields of the form too, so it is not a single-character key.
      label: "key.back",
      group: "wrap",
      when: () => !!desk.form || desk.correcting,
      run: () => desk.closeForm(),
      anywhere: true,
    },
  ];
}

/** A digit picks a preset while the callback form is open, a reason to pass somebody over, an outcome otherwise. */
function digitKeys(desk: DeskModel, page: AgentDesk): Binding[] {
  const press = (digit: string, preset: boolean): void => {
    const reason = SKIPS[Number(digit) - 1];
    if (desk.looking) return reason && desk.choosing.skip(reason);
    const form = page.querySelector<CallbackForm>("callback-form");
    if (preset && form?.pick(digit)) return;
    const outcome = desk.quick.find(({ key }) => key === digit);
    if (outcome) desk.choose(outcome.leaf);
  };
  return DIGITS.map((digit) => ({
    id: `outcome-${digit}`,
    label: "key.outcome",
    group: "wrap",
    when: () => desk.facing,
    run: ({ altKey, ctrlKey }) => press(digit, !altKey && !ctrlKey),
  }));
}
