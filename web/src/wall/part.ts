/** Light-DOM element that draws from the wall and is redrawn when a card has changed. */
import { LitElement } from "lit";
import type { WallModel } from "./model";

let wall: WallModel | null = null;

export function hang(model: WallModel): void {
  wall = model;
}

export abstract class WallPart extends LitElement {
  private unwatch: (() => void) | null = null;

  protected get wall(): WallModel {
    if (!wall) throw new Error("no wall is hung");
    return wall;
  }

  protected override createRenderRoot(): HTMLElement {
    this.replaceChildren();
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unwatch = this.wall.watch(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unwatch?.();
  }
}
