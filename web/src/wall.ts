/** The supervisor's page: joins store, socket, keys and the wall. */
import { layGround } from "./pages";
import { WallModel } from "./wall/model";
import { hang } from "./wall/part";
import { WallBoard } from "./wall/wall-board";

const ground = layGround();
const wall = new WallModel(ground.store, ground.clock);
hang(wall);
customElements.define("wall-board", WallBoard);

ground.keys.add(
  // Keys of a row or an alert that has the focus: heard there, told in the list.
  ...([["stop_row", "S"], ["alert_seen", "A"], ["alert_shelve", "S"], ["walk", "↑ ↓ ⏎"]] as const).map(([id, written]) => ({ id, codes: [], label: `key.${id}` as const, group: "wall" as const, written, run: () => undefined })),
  { id: "stop", codes: ["KeyX"], alt: true, label: "key.stop", group: "wall", written: "Alt X", when: () => wall.may("stop") && !wall.stopped, run: () => wall.stop(null) },
  ...(["floor", "campaigns", "agents", "alerts"] as const).map((view, i) => ({ id: view, codes: [`Digit${i + 1}`], alt: true, label: `wall.${view}` as const, group: "wall" as const, written: `Alt ${i + 1}`, run: () => wall.show(view) })),
);
ground.connect((link) => wall.relink(link), (channel) => !channel.startsWith("agent:")).start();
