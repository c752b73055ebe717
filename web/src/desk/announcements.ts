/** What those who lead tell their agents: one at a time, read between calls and confirmed. */
import { html, nothing, type TemplateResult } from "lit";
import { boot } from "../boot";
import { clockTime } from "../format";
import { t } from "../i18n";
import { icon } from "../icons";
import type { DeskModel } from "./model";

export function announcement(desk: DeskModel): TemplateResult | typeof nothing {
  const [first, ...more] = desk.asks.announcements;
  if (!first) return nothing;
  return html`<section class="announcement" aria-label=${t("announcement.heading")} data-testid="announcement" data-id=${first.id}>
    <p class="announcement-head">${icon("bell", "small")}<b>${t("announcement.heading")}</b><span class="quiet">${first.by} · <span class="num">${clockTime(first.at)}</span></span>${more.length ? html`<span class="quiet num">+${more.length}</span>` : nothing}</p>
    <p class="announcement-text" tabindex="0">${first[boot.user.language]}</p>
    <button class="button" data-testid="announcement-read" ?disabled=${desk.busy === "confirm"} @click=${() => desk.asks.confirm(first)}>${icon("ok", "small")}${t("announcement.read")}</button>
  </section>`;
}
