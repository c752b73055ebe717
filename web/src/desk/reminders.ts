/** Calls that this agent agreed to, in words: soon, due now, missed. */
import { html, nothing, type TemplateResult } from "lit";
import type { ReminderCard } from "../cards";
import { clockTime } from "../format";
import { t } from "../i18n";
import { icon } from "../icons";
import { ariaKeys, hint } from "../keys";
import type { DeskModel } from "./model";

const MINUTE_MS = 60_000;
const SHOWN = 3;

/** "14:30 Gọi lại anh Tùng – còn 2 phút". */
export function reminderText({ at, until, state, name }: ReminderCard, now: number): string {
  const told = { time: clockTime(at), name };
  if (state === "MISSED" || now >= until) return t("reminder.missed", told);
  const minutes = Math.ceil((at - now) / MINUTE_MS);
  if (minutes > 0) return t("reminder.soon", { ...told, minutes });
  return t("reminder.due", { ...told, minutes: Math.max(1, Math.ceil((until - now) / MINUTE_MS)) });
}

const open = (event: Event): boolean => (event.currentTarget as Element).dispatchEvent(new CustomEvent("inbox", { bubbles: true }));

/** The list of an agent who is not in a call; a missed one is put away by hand. */
export function reminderList(desk: DeskModel): TemplateResult | typeof nothing {
  const { reminders, inbox } = desk;
  if (!inbox.length) return nothing;
  return html`<ul class="reminders" data-testid="reminders" aria-label=${t("reminder.heading")}>
    ${reminders.slice(0, SHOWN).map((reminder) => html`<li data-state=${reminder.state} class=${reminder.state === "MISSED" ? "warn" : ""}>
      ${icon(reminder.state === "MISSED" ? "warn" : "clock")}<span>${reminderText(reminder, desk.clock.now())}</span>
      ${reminder.state === "MISSED"
        ? html`<button class="link" data-testid="reminder-seen" @click=${() => desk.putAway(reminder.id)}>${t("reminder.seen")}</button>`
        : nothing}
    </li>`)}
    <li><button class="link" data-testid="open-inbox" aria-haspopup="dialog" aria-keyshortcuts=${ariaKeys("inbox")} @click=${open}>${t("reminder.inbox")} (${inbox.length}) <kbd>${hint("inbox")}</kbd></button></li>
  </ul>`;
}
