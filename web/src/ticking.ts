/**
 * `<ticking-time>`: a length of time that runs, on the server's clock. One interval for all of them.
 *
 * `since` counts up, `until` counts down and stops at zero; both in ms of business time. With `limits`
 * (amber and red, ms) it sets `data-level`, which styles colour and which always comes with a word.
 */
import { span } from "./format";
import type { ServerClock } from "./server-clock";

let clock: ServerClock | null = null;
const running = new Set<TickingTime>();

export function startTicking(serverClock: ServerClock): void {
  clock = serverClock;
  setInterval(() => {
    for (const element of running) element.tick();
  }, 250);
}

export class TickingTime extends HTMLElement {
  static readonly observedAttributes = ["since", "until", "amber", "red"];

  connectedCallback(): void {
    running.add(this);
    this.tick();
  }

  disconnectedCallback(): void {
    running.delete(this);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.tick();
  }

  tick(): void {
    if (!clock) return;
    const until = this.number("until");
    const since = this.number("since");
    const ms = until !== null ? until - clock.now() : since !== null ? clock.now() - since : 0;
    // Counting down shows 1 until the last second is over, as people expect of a countdown.
    const text = span(until !== null ? Math.ceil(ms / 1000) * 1000 : ms);
    if (this.textContent !== text) this.textContent = text;
    this.judge(ms);
  }

  private judge(ms: number): void {
    const [amber, red] = [this.number("amber"), this.number("red")];
    const level = red !== null && ms >= red ? "bad" : amber !== null && ms >= amber ? "warn" : "";
    if ((this.dataset["level"] ?? "") === level) return;
    this.dataset["level"] = level;
    this.dispatchEvent(new CustomEvent("level", { detail: level, bubbles: true }));
  }

  private number(name: string): number | null {
    const text = this.getAttribute(name);
    return text ? Number(text) : null;
  }
}

customElements.define("ticking-time", TickingTime);
