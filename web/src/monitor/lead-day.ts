/** What those who lead have done today: calls they were in, messages, scores. Read each minute while it is shown. */
import { html, nothing, type TemplateResult } from "lit";
import { boot } from "../boot";
import { count, span } from "../format";
import { get } from "../http";
import { t } from "../i18n";
import { MonitorPart } from "./part";

interface Led {
  id: string;
  name: string;
  team: string | null;
  calls: number;
  seconds: number;
  messages: number;
  notes: number;
  scores: number;
}

const AGAIN_MS = 60_000;

export class LeadDay extends MonitorPart {
  private leads: Led[] = [];
  private timer: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
    this.timer = setInterval(() => void this.read(), AGAIN_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  private async read(): Promise<void> {
    const answer = await get<{ leads: Led[] }>("/monitor/leads");
    if (!answer.ok) return;
    this.leads = answer.leads;
    this.requestUpdate();
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.leads.length) return nothing;
    return html`<section class="pane" aria-labelledby="lead-day-title">
      <h2 id="lead-day-title">${t("monitor.leads")}</h2>
      <table class="lead-day" data-testid="lead-day">
        <thead><tr>${(["who", "calls", "time", "messages", "scores"] as const).map((name) => html`<th scope="col">${t(`monitor.leads_${name}`)}</th>`)}</tr></thead>
        <tbody>${this.leads.map((one) => html`<tr data-user=${one.id} ?data-own=${one.id === boot.user.id}><th scope="row">${one.name} <span class="quiet">${one.team ?? ""}</span></th><td class="num">${count(one.calls)}</td><td class="num">${span(one.seconds * 1000)}</td><td class="num">${count(one.messages)}</td><td class="num">${count(one.scores)} / ${count(one.notes)}</td></tr>`)}</tbody>
      </table>
    </section>`;
  }
}

customElements.define("lead-day", LeadDay);
