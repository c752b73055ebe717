/** Light-DOM element that draws from the live calls; what it shares with the wall comes from there. */
import { WallPart } from "../wall/part";
import type { MonitorModel } from "./model";

let monitor: MonitorModel | null = null;

export function watch(model: MonitorModel): void {
  monitor = model;
}

export abstract class MonitorPart extends WallPart {
  protected get monitor(): MonitorModel {
    if (!monitor) throw new Error("nothing is monitored");
    return monitor;
  }
}
