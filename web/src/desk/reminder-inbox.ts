/** Alt+B: every agreed call that is near, missed or put off, and how each is put off again or away. */
import { html, type TemplateResult } from "lit";
import type { ReminderCard } from "../cards";
import { moment } from "../format";
import { t, type Key } from "../i18n";
import { icon } from "../icons";
import { DeskPart } from "./part";
import { reminderText } from "./reminders";

const snoozes = ["TEN_MINUTES", "HOUR", "TOMORROW"] as const;

export class ReminderInbox extends DeskPart {
  private get dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  toggle(): void {
    if (this.dialog?.open) this.dialog.close();
    else this.dialog?.showModal();
  }

  /** Nothing lies over a customer. */
  protected override updated(): void {
    if (this.desk.facing) this.dialog?.close();
  }

  override render(): TemplateResult {
    const { inbox } = this.desk;
    return html`<dialog class="ask inbox" aria-labelledby="inbox-title" data-testid="inbox">
      <div class="dialog-body">
        <h2 id="inbox-title">${t("reminder.inbox")}</h2>
        ${inbox.length ? html`<ul>${inbox.map((reminder) => this.row(reminder))}</ul>` : html`<p class="quiet" data-testid="inbox-empty">${t("reminder.none")}</p>`}
        <p class="curtain-actions"><button class="button" type="button" @click=${() => this.dialog?.close()}>${t("keys.close")}</button></p>
      </div>
    </dialog>`;
  }

  private row(reminder: ReminderCard): TemplateResult {
    const { desk } = this;
    const now = desk.clock.now();
    const missed = reminder.state === "MISSED";
    const away = reminder.snoozed !== null && reminder.snoozed > now;
    return html`<li data-testid="inbox-row" data-state=${reminder.state} data-snoozed=${away}>
      ${icon(missed ? "warn" : "clock")}<span class=${missed ? "warn-text" : ""}>${reminderText(reminder, now)}
        ${away ? html`<span class="quiet">${t("reminder.snoozed", { time: moment(reminder.snoozed ?? now, now) })}</span>` : ""}</span>
      <span class="inbox-actions" role="group" aria-label=${t("reminder.snooze", { name: reminder.name })}>
        ${snoozes.map((span) => html`<button class="chip-button" data-testid=${`snooze-${span}`} ?disabled=${desk.busy === "snooze"} @click=${() => desk.snooze(reminder.id, span)}>${t(`reminder.${span}` as Key)}</button>`)}
        <button class="chip-button" ?disabled=${!missed} data-testid="inbox-seen" @click=${() => desk.putAway(reminder.id)}>${t("reminder.seen")}</button>
      </span>
    </li>`;
  }
}

customElements.define("reminder-inbox", ReminderInbox);
