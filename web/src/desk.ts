/** The agent's page: joins store, socket, keys and the desk, and reports what was really painted. */
import { boot } from "./boot";
import { AgentDesk } from "./desk/agent-desk";
import { bindDesk } from "./desk/desk-keys";
import { DeskModel } from "./desk/model";
import { checkHeadsetWith } from "./desk/headset";
import { seat } from "./desk/part";
import { tone } from "./desk/tone";
import { layGround } from "./pages";
import type { Socket } from "./socket";

const PAINTS_KEPT = 500;

const ground = layGround();
const desk = new DeskModel(ground.store, ground.clock);
seat(desk);
// Only now: parts draw from the desk as soon as they are connected.
customElements.define("agent-desk", AgentDesk);

const page = document.querySelector<AgentDesk>("agent-desk");
if (!page) throw new Error("the page holds no desk");
bindDesk(ground.keys, desk, page);

const socket = ground.connect((link) => desk.relink(link), (channel) => !channel.startsWith("wall:"));
page.addEventListener("hurry", () => socket.hurry());
addEventListener("keysmoved", () => desk.changed());

if (boot.softphone) void speak(page);

/** The telephone is loaded only where somebody speaks by it. A page that was loaded anew is back on the line at once. */
async function speak(shown: AgentDesk): Promise<void> {
  const { PagePhone } = await import("./phone/page-phone");
  const phone = new PagePhone(() => desk.changed(), () => desk.talking);
  desk.phone = phone;
  desk.watch(() => {
    phone.mute(desk.talking && !!desk.agent?.muted);
    if (desk.link.state === "ended" && phone.state !== "OFF") phone.stop();
  });
  await shown.updateComplete;
  const check = shown.phoneCheck;
  if (check) {
    check.phone = phone;
    check.requestUpdate();
    checkHeadsetWith(check.check);
  }
  if (await phone.microphone.allowed()) await phone.start().catch(() => undefined);
  desk.changed();
}

let reported = "";
desk.watch(() => report(socket));
socket.start();

/** Each version of a screen is reported once, after the frame that shows it has left for the display. */
function report(line: Socket): void {
  const { screen } = desk;
  const call = screen?.call.id;
  const offset = call ? desk.offsetOf(call) : null;
  if (!screen || !call || offset === null || reported === `${call}:${offset}`) return;
  const first = !reported.startsWith(`${call}:`);
  reported = `${call}:${offset}`;
  if (first && !screen.call.offered && !boot.user.sound_off) tone();
  const { assigned_at } = screen.call;
  const late = screen.late;
  const played = desk.practising;
  // The first callback runs before the frame is painted, the second after it.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const at = ground.clock.now();
      const err = ground.clock.error();
      if (!played) line.painted(desk.channel, `screen:${call}`, offset, at, err);
      note({ call, at, popLatencyMs: Math.round(at - assigned_at), err, late }, first);
    }),
  );
}

function note(paint: Window["__rt"]["paints"][number], first: boolean): void {
  const rt = window.__rt;
  rt.paints.push(paint);
  if (rt.paints.length > PAINTS_KEPT) rt.paints.shift();
  rt.painted = paint.call;
  if (first) rt.popLatencyMs = paint.popLatencyMs;
}
