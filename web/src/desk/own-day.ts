/** Zone B between calls: the agent's own figures against their targets, and what comes next. */
import { html, nothing, type TemplateResult } from "lit";
import { clockTime, count, percent, shortMoney, span } from "../format";
import { t } from "../i18n";
import { icon } from "../icons";
import type { DeskModel } from "./model";

interface Figure {
  label: string;
  testid: string;
  value: number | null;
  target: number | undefined;
  write: (value: number) => string;
  /** The lower the better: the target is a limit. */
  limit?: boolean;
}

export function ownDay(desk: DeskModel): TemplateResult {
  return html`<h2 class="sr">${t("b.heading")}</h2><section class="day" data-testid="day">
    <h3>${t("b.my_day")}</h3>
    ${figures(desk).map(figure)}
  </section>`;
}

function figures({ stats, day }: DeskModel): Figure[] {
  const currency = day?.currency ?? stats?.currency ?? "VND";
  const amount = (minor: number): string => shortMoney(minor, currency);
  const target = day?.targets ?? {};
  return [
    { label: t("stats.calls"), testid: "day-calls", value: stats?.calls ?? 0, target: target.calls, write: count },
    { label: t("stats.contacts"), testid: "day-contacts", value: stats?.contacts ?? 0, target: target.contacts, write: count },
    { label: t("stats.promises"), testid: "day-promises", value: stats?.promises ?? 0, target: target.promises, write: count },
    { label: t("stats.promised"), testid: "day-promised", value: stats?.promised_minor ?? 0, target: target.promised, write: amount },
    { label: t("stats.collected"), testid: "day-collected", value: day?.collected_minor ?? 0, target: target.collected, write: amount },
    { label: t("stats.occupancy"), testid: "day-occupancy", value: day?.occupancy_pct ?? null, target: target.occupancy, write: (value) => percent(value, 0) },
    { label: t("stats.wrap_up"), testid: "day-wrap", value: day?.wrap_up_s ?? null, target: target.wrap_up, write: (value) => span(value * 1000), limit: true },
  ];
}

function figure({ label, testid, value, target, write, limit }: Figure): TemplateResult {
  const under = target ? t(limit ? "b.at_most" : "b.of_target", { target: write(target) }) : t("b.no_target");
  const over = limit && target && value !== null && value > target;
  return html`<dl class="day-figure" data-testid=${testid}>
    <dt>${label}</dt>
    <dd class="num">${value === null ? "–" : write(value)}${over ? html` ${icon("warn", "small")}` : nothing}</dd>
    <dd class="quiet num">${under}</dd>
    ${target && !limit ? html`<dd><progress max=${target} value=${Math.min(value ?? 0, target)} aria-label=${label}></progress></dd>` : nothing}
  </dl>`;
}

/** The next call that this agent agreed to, while none is soon enough to be a reminder. */
export function nextAgreed({ day, inbox }: DeskModel): TemplateResult | typeof nothing {
  if (!day?.next || inbox.some(({ at }) => at === day.next?.at)) return nothing;
  return html`<p class="next-agreed" data-testid="next-callback">${icon("clock")}<span class="quiet">${t("idle.next_callback")}</span>
    <b><span class="num">${clockTime(day.next.at)}</span> ${day.next.name}</b></p>`;
}
