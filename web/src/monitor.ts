/** The page of live calls: joins store, socket, keys and the calls. */
import { boot } from "./boot";
import { layGround } from "./pages";
import { MonitorModel } from "./monitor/model";
import { MonitorBoard } from "./monitor/monitor-board";
import { watch } from "./monitor/part";
import { hang } from "./wall/part";

const ground = layGround();
const monitor = new MonitorModel(ground.store, ground.clock);
hang(monitor);
watch(monitor);
customElements.define("monitor-board", MonitorBoard);

// Heard by the list while it has the focus, and only told in the list of keys (check MO10).
ground.keys.add(
  ...(["monitor_listen", "monitor_whisper", "monitor_barge", "monitor_message", "monitor_leave", "walk"] as const).map((id) => ({ id, label: `key.${id}` as const, group: "monitor" as const })),
);
if (boot.softphone) void speak();

/** Whoever leads speaks by his page, too; the telephone is opened when he first steps into a call. */
async function speak(): Promise<void> {
  const { PagePhone } = await import("./phone/page-phone");
  const phone = new PagePhone(() => monitor.changed(), () => false, "/monitor/phone");
  monitor.phone = phone;
  // Who listens is heard by nobody, whatever the server does.
  monitor.watch(() => phone.mute(!monitor.own || monitor.own.mode === "LISTEN"));
}

ground.connect((link) => monitor.relink(link), (channel) => !channel.startsWith("agent:")).start();
