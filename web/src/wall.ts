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
  // Heard by the row or the alert that has the focus.
  ...(["stop_row", "alert_seen", "alert_shelve", "walk"] as const).map((id) => ({ id, label: `key.${id}` as const, group: "wall" as const })),
  { id: "stop", label: "key.stop", group: "wall", when: () => wall.may("stop") && !wall.stopped, run: () => wall.stop(null) },
  ...(["floor", "campaigns", "agents", "alerts"] as const).map((view) => ({ id: view, label: `wall.${view}` as const, group: "wall" as const, run: () => wall.show(view) })),
);
ground.connect((link) => wall.relink(link), (channel) => !channel.startsWith("agent:")).start();
