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
  { id: "stop", codes: ["KeyX"], alt: true, label: "key.stop", group: "wall", written: "Alt X", when: () => wall.mayStop && !wall.stopped, run: () => wall.stop(null) },
  { id: "campaigns", codes: ["Digit1"], alt: true, label: "wall.campaigns", group: "wall", written: "Alt 1", run: () => wall.show("campaigns") },
  { id: "agents", codes: ["Digit2"], alt: true, label: "wall.agents", group: "wall", written: "Alt 2", run: () => wall.show("agents") },
);
ground.connect((link) => wall.relink(link)).start();
