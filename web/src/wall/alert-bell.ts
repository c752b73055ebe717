/**
 * Says aloud what is critical, once, and nothing else: `role=alert` for screen readers, and a soft tone
 * every ten seconds, if it was switched on, until each is seen, put aside or over.
 */
import { html, type TemplateResult } from "lit";
import { tone } from "../desk/tone";
import { t } from "../i18n";
import { icon } from "../icons";
import { alertText } from "./alert-text";
import { WallPart } from "./part";

const SWITCH = "paceline.wall.sound";
const AGAIN_MS = 10_000;

export class AlertBell extends WallPart {
  private on = localStorage.getItem(SWITCH) === "on";
  private known: Set<string> | null = null;
  private said = "";
  private timer: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => this.sound(), AGAIN_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  /** What is new since the last look; what stood when the page was opened is in the list to be read. */
  protected override willUpdate(): void {
    if (!this.wall.loaded) return;
    const critical = this.wall.active.filter(({ severity }) => severity === "CRIT");
    const names = new Map(critical.map((alert) => [`${alert.id}.${alert.count}`, alert]));
    const { known } = this;
    this.known = new Set(names.keys());
    const fresh = known ? [...names].filter(([name]) => !known.has(name)).map(([, alert]) => alert) : [];
    if (!fresh.length) return;
    this.said = fresh.map(alertText).join(". ");
    this.sound();
  }

  private sound(): void {
    if (this.on && this.known?.size) tone();
  }

  private toggle(): void {
    this.on = !this.on;
    localStorage.setItem(SWITCH, this.on ? "on" : "off");
    this.requestUpdate();
  }

  override render(): TemplateResult {
    return html`<button class="chip-button" aria-pressed=${this.on} data-testid="sound" data-sounding=${this.on ? (this.known?.size ?? 0) : 0} @click=${() => this.toggle()}>${icon("bell", "small")}${t("alerts.sound")}</button>
      <span class="sr" role="alert" data-testid="alert-said">${this.said}</span>`;
  }
}

customElements.define("alert-bell", AlertBell);
