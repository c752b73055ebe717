/**
 * What somebody who leads says to the agent: one line in the strip under the bar, never over the customer.
 *
 * A longer text is opened below it, over the script's place, when the agent asks for it. Alt+V reads.
 */
import { html, nothing, type TemplateResult } from "lit";
import { clockTime } from "../format";
import { t } from "../i18n";
import { icon } from "../icons";
import { ariaKeys, hint } from "../keys";
import { DeskPart } from "./part";

export class CoachStrip extends DeskPart {
  private opened: string | null = null;

  /** The key: what does not fit is opened first, then it is read. */
  press(): void {
    const [message] = this.desk.asks.messages;
    if (!message) return;
    if (this.cut && this.opened !== message.id) {
      this.opened = message.id;
      this.requestUpdate();
      return;
    }
    this.opened = null;
    void this.desk.asks.read(message);
  }

  private get cut(): boolean {
    const line = this.querySelector<HTMLElement>("[data-testid=coach-text]");
    return !!line && line.scrollWidth > line.clientWidth;
  }

  override render(): TemplateResult | typeof nothing {
    const [message, ...more] = this.desk.asks.messages;
    if (!message) return nothing;
    const open = this.opened === message.id;
    return html`<div class="strip-row coach" role="status" data-testid="coach" data-id=${message.id}>
        ${icon("speech")}<b>${message.by}</b><span class="quiet num">${clockTime(message.at)}</span>
        <span class="coach-text" data-testid="coach-text">${message.text}</span>
        ${more.length ? html`<span class="quiet num">+${more.length}</span>` : nothing}
        <button class="link" data-testid="coach-read" aria-expanded=${open} aria-keyshortcuts=${ariaKeys("read")} @click=${() => this.press()}>${t("coach.read")} <kbd>${hint("read")}</kbd></button>
      </div>
      ${open ? html`<p class="coach-whole" data-testid="coach-whole">${message.text}</p>` : nothing}`;
  }
}

customElements.define("coach-strip", CoachStrip);
