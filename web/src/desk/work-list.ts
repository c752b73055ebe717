/** Zone A where the agent picks himself: whom he may call next, whom he promised to call before the others. */
import { html, nothing, type TemplateResult } from "lit";
import { clockTime, money } from "../format";
import { plural, t } from "../i18n";
import { icon } from "../icons";
import type { WorkRow } from "./choosing";
import type { DeskModel } from "./model";
import { last } from "./offer-pad";

export function workList(desk: DeskModel): TemplateResult {
  const { choosing } = desk;
  return html`<section class="work" data-testid="work" aria-labelledby="work-title">
    <header class="work-head"><h2 id="work-title">${t("work.heading")}</h2>
      ${last(desk)}<span class="bar-gap"></span>
      <button class="chip-button" data-testid="work-again" @click=${choosing.load}>${t("work.again")}</button></header>
    ${choosing.failed ? html`<p class="problem" role="alert" data-testid="work-failed">${t("work.failed")}</p>` : rows(desk)}
  </section>`;
}

function rows(desk: DeskModel): TemplateResult {
  const { work } = desk.choosing;
  if (!work) return html`<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div>`;
  if (!work.length) return html`<p class="empty" data-testid="work-empty">${t("work.empty")}</p>`;
  return html`<ol class="work-rows">${work.map((one) => row(desk, one))}</ol>`;
}

function row(desk: DeskModel, { lead, name, campaign, dpd, overdue_minor, currency, tries, last: how, agreed, called }: WorkRow): TemplateResult {
  const off = !!desk.busy || desk.state === "DISCONNECTED";
  return html`<li><button class="work-row" data-testid="work-row" data-lead=${lead} ?disabled=${off} @click=${() => void desk.choosing.pick(lead)}>
    <b class="work-name">${name}</b>
    <span class="num">${money(overdue_minor, currency)}</span>
    <span class="num">${plural("a.days", dpd, { days: dpd })}</span>
    <span class="quiet">${called ? html`${icon("history", "small")}${t("work.called", { time: clockTime(called) })}${how ? ` · ${how}` : nothing}` : agreed ? html`${icon("clock", "small")}${t("work.agreed")}` : tries ? html`${t("work.tries", { count: tries })}${how ? ` · ${how}` : nothing}` : t("work.first")}</span>
    <span class="quiet work-campaign">${campaign}</span>
  </button></li>`;
}
