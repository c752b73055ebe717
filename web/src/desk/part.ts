/** Light-DOM element that draws from the desk and is redrawn when the desk has changed. */
import { LitElement } from "lit";
import type { DeskModel } from "./model";

let desk: DeskModel | null = null;

/** Called once by the page before any part is connected. */
export function seat(model: DeskModel): void {
  desk = model;
}

export abstract class DeskPart extends LitElement {
  private unwatch: (() => void) | null = null;

  protected get desk(): DeskModel {
    if (!desk) throw new Error("no desk is seated");
    return desk;
  }

  protected override createRenderRoot(): HTMLElement {
    this.replaceChildren();
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unwatch = this.desk.watch(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unwatch?.();
  }
}
