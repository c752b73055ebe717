/** A promise in at most six inputs: amount, day and method come filled in, Enter saves. */
import { html, nothing, type TemplateResult } from "lit";
import { boot } from "../boot";
import type { PromiseInput } from "../cards";
import { day, isoDay, money, parseAmount } from "../format";
import { language, t, word } from "../i18n";
import { icon } from "../icons";
import { DeskPart } from "./part";
import { extraFields } from "./extra-fields";
import { formHead } from "./form-head";

const METHODS = ["BANK_TRANSFER", "QR", "E_WALLET", "CARD", "CASH"];
const DAY_MS = 86_400_000;

export class PromiseForm extends DeskPart {
  private amountText: string | null = null;
  private dayText: string | null = null;

  private get promise(): PromiseInput {
    const { draft, facts } = this.desk;
    return draft?.promise ?? { amount_minor: 0, currency: facts?.currency ?? "VND", due_on: "", method: "" };
  }

  private set(part: Partial<PromiseInput>): void {
    this.desk.amend({ promise: { ...this.promise, ...part } });
  }

  private get today(): string {
    return isoDay(this.desk.clock.now());
  }

  private amountTyped(event: Event): void {
    this.amountText = (event.target as HTMLInputElement).value;
    this.set({ amount_minor: parseAmount(this.amountText, this.promise.currency) ?? 0 });
  }

  private dayTyped(event: Event): void {
    this.dayText = (event.target as HTMLInputElement).value;
    this.set({ due_on: parseDay(this.dayText, this.today) ?? "" });
  }

  private later(days: number): void {
    this.dayText = null;
    this.set({ due_on: addDays(this.today, days) });
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (!this.desk.submitForm()) this.dispatchEvent(new CustomEvent("show-missing", { bubbles: true }));
  }

  override render(): TemplateResult {
    const { promise, desk } = this;
    const badAmount = this.amountText !== null && !promise.amount_minor;
    const badDay = this.dayText !== null && !promise.due_on;
    return html`${formHead(desk)}
      <form class="form-grid" @submit=${this.submit}>
        <label class="field">
          <span>${t("promise.amount")}</span>
          <input class="num amount-input" inputmode="numeric" autocomplete="off" autofocus required data-testid="promise-amount" data-field="amount" aria-invalid=${badAmount}
            .value=${this.amountText ?? (promise.amount_minor ? money(promise.amount_minor, promise.currency) : "")} @input=${this.amountTyped}
            @blur=${() => this.tidy()} @focus=${(event: Event) => (event.target as HTMLInputElement).select()}>
        </label>
        <label class="field">
          <span>${t("promise.day")} <span class="quiet">${weekday(promise.due_on)}</span></span>
          <input class="num" autocomplete="off" required placeholder=${t("promise.day_hint")} data-testid="promise-day" data-field="promise" aria-invalid=${badDay}
            .value=${this.dayText ?? (promise.due_on ? day(promise.due_on) : "")} @input=${this.dayTyped} @blur=${() => this.tidy()}>
        </label>
        <label class="field">
          <span>${t("promise.method")}</span>
          <select data-testid="promise-method" @change=${(event: Event) => this.set({ method: (event.target as HTMLSelectElement).value })}>
            ${this.methods().map((method) => html`<option value=${method} ?selected=${method === promise.method}>${word("method", method)}</option>`)}
          </select>
        </label>
        <div class="field" role="group" aria-label=${t("promise.quick_days")}>
          <span>${t("promise.quick_days")}</span>
          <span class="chips">
            ${[0, 1, 3, 7].map((days) => html`<button type="button" class="chip-button num" data-testid=${`promise-plus-${days}`} @click=${() => this.later(days)}>${days ? `+${days}` : t("promise.today")}</button>`)}
          </span>
        </div>
        ${extraFields(desk)}
        <p class="summary" data-testid="promise-summary">${this.summary()}</p>
        <button class="button" type="submit" data-testid="promise-save">${icon("ok", "small")}${t("promise.save")}<kbd>⏎</kbd></button>
      </form>`;
  }

  private tidy(): void {
    if (this.promise.amount_minor) this.amountText = null;
    if (this.promise.due_on) this.dayText = null;
    this.requestUpdate();
  }

  private methods(): string[] {
    const given = (boot as { payment_methods?: string[] }).payment_methods ?? METHODS;
    const { method } = this.promise;
    return method && !given.includes(method) ? [method, ...given] : ["", ...given].filter((code) => code || !method);
  }

  private summary(): TemplateResult | typeof nothing {
    const { amount_minor, currency, due_on } = this.promise;
    if (!amount_minor || !due_on) return nothing;
    return html`${t("promise.summary", { amount: money(amount_minor, currency), day: day(due_on) })}`;
  }
}

/** ISO day arithmetic without zones. */
export function addDays(iso: string, days: number): string {
  return new Date(Date.parse(`${iso}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** `20/11`, `20/11/2026`, `20-11`, `+3`, counted from `today`; a day already gone this year is next year's. */
export function parseDay(text: string, today: string): string | null {
  const plus = /^\+(\d{1,3})$/.exec(text.trim());
  if (plus) return addDays(today, Number(plus[1]));
  const parts = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?$/.exec(text.trim());
  if (!parts) return null;
  const [date, month] = [Number(parts[1]), Number(parts[2])];
  const iso = (year: number): string => `${year}-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`;
  const year = Number(parts[3] ?? today.slice(0, 4));
  const wanted = parts[3] || iso(year) >= today ? iso(year) : iso(year + 1);
  const real = new Date(`${wanted}T00:00:00Z`);
  return !Number.isNaN(real.valueOf()) && real.toISOString().startsWith(wanted) ? wanted : null;
}

function weekday(iso: string): string {
  if (!iso) return "";
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));
}

customElements.define("promise-form", PromiseForm);
