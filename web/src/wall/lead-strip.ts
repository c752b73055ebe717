/** What agents ask of who leads them: help, or a break to be granted. Above everything, oldest first. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { RequestCard } from "../cards";
import { t, word } from "../i18n";
import { icon } from "../icons";
import { WallPart } from "./part";

export class LeadStrip extends WallPart {
  /** A request that became everybody's stands in two channels of a supervisor, and once here. */
  private get requests(): RequestCard[] {
    const found = new Map([...this.wall.store.matching<RequestCard>("request:")].map(([, card]) => [card.id, card]));
    return [...found.values()].sort((a, b) => a.since - b.since || a.id.localeCompare(b.id));
  }

  override render(): TemplateResult {
    const { requests } = this;
    const list = html`<ul class="lead-strip" aria-label=${t("lead.title")} data-testid="lead-strip">
      ${repeat(requests, ({ id }) => id, (request) => this.row(request))}
    </ul>`;
    return html`<p class="sr" role="status" data-testid="lead-said">${this.said(requests)}</p>${requests.length ? list : nothing}`;
  }

  /** Said politely, once for each: only critical alerts interrupt, and times that tick are not read out. */
  private said(requests: RequestCard[]): string {
    const last = requests.at(-1);
    return last ? `${last.name}: ${this.what(last)}` : "";
  }

  private what(request: RequestCard): string {
    const help = request.kind === "HELP";
    return `${t(help ? "lead.help" : "lead.break")} · ${help ? word("help", request.reason) : word("pause", request.reason)}`;
  }

  private row(request: RequestCard): TemplateResult {
    const help = request.kind === "HELP";
    return html`<li class="lead-request" data-testid="request" data-kind=${request.kind} data-user=${request.user}>
      ${icon(help ? "hand" : "pause", "small")}<b>${request.name}</b><span>${this.what(request)}${request.note ? ` · ${request.note}` : ""}</span>
      <ticking-time class="num" since=${request.since} amber="30000" red="60000"></ticking-time>
      ${request.taken_by ? html`<span class="quiet" data-testid="taken-by">${t("help.coming", { name: request.taken_by })}</span>` : nothing}
      ${help ? this.helping(request) : this.granting(request)}
    </li>`;
  }

  private button(request: RequestCard, deed: string, body: object, done: string): TemplateResult {
    const order = (): void => void this.wall.order(`/requests/${request.id}/${deed}`, body, done);
    return html`<button class="chip-button" data-testid=${`request-${deed}`} @click=${order}>${done}<span class="sr">: ${request.name}</span></button>`;
  }

  private helping(request: RequestCard): TemplateResult {
    return html`${request.taken_by ? nothing : this.button(request, "take", {}, t("lead.take"))} ${this.button(request, "close", { result: "CLEARED" }, t("lead.clear"))}`;
  }

  private granting(request: RequestCard): TemplateResult {
    return html`${this.button(request, "close", { result: "APPROVED" }, t("lead.approve"))} ${this.button(request, "close", { result: "DENIED" }, t("lead.deny"))}`;
  }
}

customElements.define("lead-strip", LeadStrip);
