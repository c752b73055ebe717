/** Alerts, the urgent first: seen with A, put aside with S, followed with Enter. Silent for screen readers. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { clockTime, span } from "../format";
import { t } from "../i18n";
import { icon } from "../icons";
import { ariaKeys, hint, pressed, singleKeys } from "../keys";
import { alertPlace, alertText, byUrgency, severityIcon, severityTone } from "./alert-text";
import type { AlertCard } from "./cards";
import { HeldOrder } from "./held-order";
import { WallPart } from "./part";
import { writePlace } from "./place";

const SHELVES = [15, 30, 60] as const;
const HOUR_MS = 3_600_000;

export class AlertFeed extends WallPart {
  /** Beside the floor only what nobody has put aside; on its own page everything. */
  static override readonly properties = { whole: { type: Boolean } };
  declare whole: boolean;
  private readonly held = new HeldOrder<AlertCard>(({ id }) => id);
  private shelving: string | null = null;

  private get shown(): AlertCard[] {
    const all = this.wall.alerts.filter(({ state }) => this.whole || state !== "SHELVED");
    return this.held.sort(all, byUrgency, performance.now(), this.matches(":hover, :focus-within"));
  }

  override render(): TemplateResult {
    const { shown } = this;
    const aside = this.wall.alerts.filter(({ state }) => state === "SHELVED").length;
    return html`<section class="alerts" aria-label=${t("wall.alerts")} data-testid="alerts">
      <h2 class="panel-head">${t("wall.alerts")} <span class="quiet num" data-testid="alerts-active">${t("alerts.active", { count: this.wall.active.length })}</span>
        ${!this.whole && aside ? html`<a class="link" href=${writePlace({ ...this.wall.place, view: "alerts" })} @click=${(event: MouseEvent) => this.follow(event, { view: "alerts" })}>${t("alerts.aside", { count: aside })}</a>` : nothing}</h2>
      ${shown.length ? html`<ul class="alert-list" @keydown=${(event: KeyboardEvent) => this.press(event)}>${repeat(shown, ({ id }) => id, (alert, i) => this.item(alert, i === 0))}</ul>` : html`<p class="wall-empty" data-testid="alerts-empty">${this.wall.loaded ? t("alerts.none") : t("state.LOADING")}</p>`}
    </section>`;
  }

  private item(alert: AlertCard, first: boolean): TemplateResult {
    const { wall } = this;
    const text = alertText(alert);
    return html`<li class="alert ${severityTone[alert.severity]}" tabindex=${first ? 0 : -1} data-testid="alert" data-id=${alert.id} data-kind=${alert.kind} data-severity=${alert.severity} data-state=${alert.state}>
      <span class="alert-line">${icon(severityIcon[alert.severity], "small")}<span class="sr">${t(`severity.${alert.severity}`)}</span>
        <span class="num quiet">${this.when(alert.last_at)}</span>
        ${alert.count > 1 ? html`<b class="num" data-testid="alert-count">×${alert.count}</b>` : nothing}
        ${alert.state === "ACTIVE" ? nothing : html`<span class="alert-state quiet">${this.handled(alert)}</span>`}</span>
      <span class="alert-text" data-testid="alert-text">${text}</span>
      <span class="alert-deeds">
        <a class="chip-button" href=${writePlace({ ...wall.place, ...alertPlace(alert) } as never)} data-testid="alert-open" @click=${(event: MouseEvent) => this.follow(event, alertPlace(alert))}>${t("alerts.open")}<span class="sr">: ${text}</span></a>
        ${wall.mayHandle(alert) ? this.deeds(alert, text) : nothing}
      </span>
    </li>`;
  }

  private deeds(alert: AlertCard, text: string): TemplateResult {
    if (this.shelving === alert.id) {
      return html`<span class="alert-shelves" role="group" aria-label=${t("alerts.shelve_for")}>${SHELVES.map((minutes) => html`<button class="chip-button" data-testid=${`shelve-${minutes}`} @click=${() => this.shelve(alert, minutes)}>${t("alerts.minutes", { minutes })}</button>`)}</span>`;
    }
    const seen = alert.state === "ACTIVE" ? html`<button class="chip-button" data-testid="alert-ack" aria-keyshortcuts=${ariaKeys("alert_seen")} @click=${() => this.wall.acknowledge(alert)}>${t("alerts.ack")}<span class="sr">: ${text}</span><kbd>${hint("alert_seen")}</kbd></button>` : nothing;
    return html`${seen}<button class="chip-button" data-testid="alert-shelve" aria-keyshortcuts=${ariaKeys("alert_shelve")} aria-expanded="false" @click=${() => this.offer(alert)}>${t("alerts.shelve")}<span class="sr">: ${text}</span><kbd>${hint("alert_shelve")}</kbd></button>`;
  }

  private handled(alert: AlertCard): string {
    if (alert.state === "SHELVED") return t("alerts.until", { time: alert.shelved_until ? clockTime(alert.shelved_until) : "" });
    return t("alerts.seen_by", { name: alert.acked_by ?? "" });
  }

  private when(at: number): string {
    const ago = this.wall.clock.now() - at;
    return ago < HOUR_MS ? t("alerts.ago", { time: span(ago) }) : clockTime(at);
  }

  private follow(event: MouseEvent, to: ReturnType<typeof alertPlace>): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.wall.show(to.view ?? "alerts", to);
  }

  private offer(alert: AlertCard): void {
    this.shelving = alert.id;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`[data-testid="shelve-${SHELVES[0]}"]`)?.focus());
  }

  private shelve(alert: AlertCard, minutes: number): void {
    this.close(alert.id);
    this.wall.shelve(alert, minutes);
  }

  private close(id: string): void {
    this.shelving = null;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)?.focus());
  }

  /** On the focus only (WCAG 2.1.4): letters do nothing elsewhere on the page. */
  private press(event: KeyboardEvent): void {
    const item = (event.target as HTMLElement).closest<HTMLElement>("[data-testid=alert]");
    const alert = this.wall.alerts.find(({ id }) => id === item?.dataset["id"]);
    if (!item || !alert || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowDown: item.nextElementSibling, ArrowUp: item.previousElementSibling }[event.code];
    if (to instanceof HTMLElement) to.focus();
    else if (event.code === "Escape" && this.shelving) this.close(alert.id);
    else if (event.code === "Enter" && event.target === item) this.wall.show(alertPlace(alert).view ?? "alerts", alertPlace(alert));
    else if (!singleKeys.on || !this.wall.mayHandle(alert)) return;
    else if (pressed("alert_seen", event)) this.wall.acknowledge(alert);
    else if (pressed("alert_shelve", event)) this.offer(alert);
    else return;
    event.preventDefault();
  }
}

customElements.define("alert-feed", AlertFeed);
