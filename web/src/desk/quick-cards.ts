/** Zone B: five cards, each with its gist always in sight; the chosen one is spread out beside them. */
import { html, nothing, type TemplateResult } from "lit";
import type { ScreenPop } from "../cards";
import { clockTime, day, money, moment, phone } from "../format";
import { t, word } from "../i18n";
import { icon, type IconName } from "../icons";
import { hint } from "../keys";
import { ownDay } from "./own-day";
import { DeskPart } from "./part";

export type CardName = "last" | "payments" | "promises" | "handling" | "loans";

interface Card {
  name: CardName;
  icon: IconName;
  key: string;
  gist: (screen: ScreenPop) => TemplateResult | string;
  rows: (screen: ScreenPop) => TemplateResult[];
  mark?: (screen: ScreenPop) => boolean;
}

const dash = "–";
const settledStates = new Set(["BROKEN", "OVERDUE"]);

export class QuickCards extends DeskPart {
  private open: CardName = "last";

  show(name: CardName): void {
    this.open = name;
    this.requestUpdate();
  }

  private readonly cards: Card[] = [
    {
      name: "last",
      icon: "history",
      key: "Alt L",
      gist: ({ cards }) => {
        const last = cards.last[0];
        return last ? html`<span class="num">${this.when(last.at)}</span> ${word("interaction", last.kind)} · ${last.outcome ?? dash}` : t("b.no_last");
      },
      rows: ({ cards }) =>
        cards.last.map(
          (row) => html`<li><span class="num when">${this.when(row.at)}</span><span><b>${word("interaction", row.kind)}</b> ${row.outcome ?? ""}${row.by ? html` <span class="quiet">· ${row.by}</span>` : nothing}${row.note ? html`<span class="note-line">${row.note}</span>` : nothing}</span></li>`,
        ),
    },
    {
      name: "payments",
      icon: "card",
      key: "Alt Y",
      gist: ({ cards }) => {
        const paid = cards.payments[0];
        return paid ? html`<span class="num">${day(paid.on)}</span> <b class="num">${money(paid.amount_minor, paid.currency)}</b> ${word("method", paid.method)}` : t("b.no_payments");
      },
      rows: ({ cards }) =>
        cards.payments.map(
          (row) => html`<li><span class="num when">${day(row.on)}</span><span>${word("method", row.method)}</span><b class="num amount">${money(row.amount_minor, row.currency)}</b></li>`,
        ),
    },
    {
      name: "promises",
      icon: "handshake",
      key: "Alt M",
      mark: ({ cards }) => settledStates.has(cards.promises[0]?.state ?? ""),
      gist: ({ cards }) => {
        const promise = cards.promises[0];
        return promise
          ? html`<b class="num">${money(promise.amount_minor, promise.currency)}</b> ${t("b.due_on", { day: day(promise.due_on, true) })} · ${this.promiseState(promise)}`
          : t("b.no_promises");
      },
      rows: ({ cards }) =>
        cards.promises.map(
          (row) => html`<li><span class="num when">${day(row.due_on)}</span><span>${this.promiseState(row)}</span><b class="num amount">${money(row.amount_minor, row.currency)}</b></li>`,
        ),
    },
    {
      name: "handling",
      icon: "shield",
      key: "Alt G",
      mark: ({ cards }) => !!cards.handling?.mandatory,
      gist: ({ cards }) => {
        const { handling } = cards;
        if (!handling) return t("b.no_handling");
        const tries = handling.cap ? t("b.attempts", { n: handling.attempts_today ?? 0, cap: handling.cap }) : "";
        return html`${handling.text || t("b.no_handling")}${tries ? html` · <span class="num">${tries}</span>` : nothing}`;
      },
      rows: (screen) => this.handlingRows(screen),
    },
    {
      name: "loans",
      icon: "loan",
      key: "Alt H",
      gist: ({ cards }) => {
        const best = cards.phones[0];
        const loans = t("b.loans_count", { count: cards.loans.length });
        return best ? html`${loans} · <span class="num">${phone(best.number)}</span> ${best.success ?? ""}` : loans;
      },
      rows: (screen) => this.loanRows(screen),
    },
  ];

  private when(at: number): string {
    return moment(at, this.desk.clock.now());
  }

  private promiseState(promise: ScreenPop["cards"]["promises"][number]): TemplateResult {
    const bad = settledStates.has(promise.state);
    const kept = promise.state === "KEPT";
    return html`<span class=${bad ? "state-word bad-text" : "state-word"}>${bad ? icon("bad", "small") : kept ? icon("ok", "small") : nothing}${promise.state_label}</span>`;
  }

  private handlingRows({ cards, window_until, call }: ScreenPop): TemplateResult[] {
    const rows = [html`<li><span>${cards.handling?.text || t("b.no_handling")}</span></li>`];
    if (cards.handling?.cap) {
      rows.push(html`<li><span class="when">${t("b.today")}</span><span class="num">${t("b.attempts", { n: cards.handling.attempts_today ?? 0, cap: cards.handling.cap })}</span></li>`);
    }
    if (window_until) rows.push(html`<li><span class="when">${t("b.window")}</span><span class="num">${t("b.until", { time: clockTime(window_until) })}</span></li>`);
    if (call.attempt_no) rows.push(html`<li><span class="when">${t("b.attempt_no")}</span><span class="num">${call.attempt_no}</span></li>`);
    return rows;
  }

  private loanRows({ cards }: ScreenPop): TemplateResult[] {
    const loans = cards.loans.map(
      (loan) => html`<li><span>${loan.product_label} <span class="num">••${loan.tail}</span> <span class="quiet">${loan.bucket} · ${t("a.days", { days: loan.dpd })}</span></span><b class="num amount">${money(loan.outstanding_minor, loan.currency)}</b></li>`,
    );
    const phones = cards.phones.map(
      (row) => html`<li><span class="num">${phone(row.number)}</span><span>${row.label ?? ""} <span class="quiet">${row.success ?? t("b.no_success")}${row.best ? ` · ${row.best}` : ""}</span></span></li>`,
    );
    return [...loans, ...phones];
  }

  private press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (!step) return;
    event.preventDefault();
    const at = this.cards.findIndex(({ name }) => name === this.open);
    const next = this.cards[(at + step + this.cards.length) % this.cards.length];
    if (!next) return;
    this.show(next.name);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`#tab-${next.name}`)?.focus());
  }

  override render(): TemplateResult {
    const screen = this.desk.engaged ? this.desk.screen : null;
    const hidden = this.desk.withOther;
    if (!this.desk.engaged) return ownDay(this.desk);
    if (!screen?.customer || hidden) {
      return html`<h2 class="sr">${t("b.heading")}</h2><p class="empty" data-testid="cards-empty">${hidden ? t("a.third_party") : t("b.unknown")}</p>`;
    }
    return html`<h2 class="sr">${t("b.heading")}</h2>
      <div class="tabs" role="tablist" aria-orientation="vertical" aria-label=${t("b.heading")} @keydown=${this.press}>
        ${this.cards.map((card) => this.tab(card, screen))}
      </div>
      ${this.panel(screen)}`;
  }

  private tab(card: Card, screen: ScreenPop): TemplateResult {
    const chosen = card.name === this.open;
    const marked = card.mark?.(screen) ?? false;
    return html`<button class="tab ${marked ? "marked" : ""}" role="tab" id=${`tab-${card.name}`} aria-selected=${chosen} aria-controls="card-panel"
      tabindex=${chosen ? 0 : -1} data-testid=${`card-${card.name}`} @click=${() => this.show(card.name)}>
      <span class="tab-label">${icon(marked ? "warn" : card.icon, "small")}${t(`b.${card.name}`)}<kbd>${hint(card.name, card.key)}</kbd></span>
      <span class="tab-gist">${card.gist(screen)}</span>
    </button>`;
  }

  private panel(screen: ScreenPop): TemplateResult {
    const card = this.cards.find(({ name }) => name === this.open);
    const rows = card?.rows(screen) ?? [];
    const fresh = this.desk.updatedAt;
    return html`<div class="card-panel" role="tabpanel" id="card-panel" aria-labelledby=${`tab-${this.open}`} tabindex="0" data-testid="card-panel">
      ${fresh ? html`<p class="fresh" data-testid="card-updated">${icon("info", "small")}${t("b.updated", { time: clockTime(fresh) })}</p>` : nothing}
      ${rows.length ? html`<ul class="rows">${rows}</ul>` : html`<p class="quiet">${card?.gist(screen)}</p>`}
    </div>`;
  }
}

customElements.define("quick-cards", QuickCards);
