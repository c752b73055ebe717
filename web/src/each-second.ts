/** Draws its element anew each second, while it is on the page. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

export class EachSecond implements ReactiveController {
  private timer: number | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.timer = setInterval(() => this.host.requestUpdate(), 1000);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
  }
}
