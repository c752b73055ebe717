/** Zone B: five cards, each with its gist always in sight; those that are open are spread out beside them. */
import { html, nothing, type TemplateResult } from "lit";
import { boot } from "../boot";
import type { ScreenPop } from "../cards";
import { clockTime, day, money, moment, phone } from "../format";
import { plural, t, word } from "../i18n";
import { icon, type IconName } from "../icons";
import { ariaKeys, hint } from "../keys";
import { OpenCards, type CardName } from "./open-cards";
import { ownDay } from "./own-day";
import { DeskPart } from "./part";

interface Card {
  name: CardName;
  icon: IconName;
  gist: (screen: ScreenPop) => TemplateResult | string;
  rows: (screen: ScreenPop) => TemplateResult[];
  mark?: (screen: ScreenPop) => boolean;
  /** Must be read, so it cannot be closed. */
  fixed?: (screen: ScreenPop) => boolean;
  /** Changes when money comes in. */
  money?: boolean;
}

const dash = "–";
const settledStates = new Set(["BROKEN", "OVERDUE"]);

export class QuickCards extends DeskPart {
  private readonly open = new OpenCards(boot.user.id);

  /** Opens a card, or closes it again; one that must be read is only brought into sight. */
  toggle(name: CardName): void {
    const screen = this.screen;
    if (!screen) return;
    const card = this.cards.find((one) => one.name === name);
    if (!card?.fixed?.(screen)) this.open.toggle(name);
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector(`#card-${name}`)?.scrollIntoView({ block: "nearest" }));
  }

  private get screen(): ScreenPop | null {
    return this.desk.facing ? this.desk.screen : null;
  }

  private readonly cards: Card[] = [
    {
      name: "last",
      icon: "history",
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
      money: true,
      gist: ({ cards }) => {
        const paid = cards.payments[0];
        return paid ? html`<span class="num">${day(paid.on)}</span> <b class="num">${money(paid.amount_minor, paid.currency)}</b> ${word("method", paid.method)}` : t("b.no_payments");
      },
      rows: ({ cards }) =>
        cards.payments.map(
          (row) => html`<li><span class="num when">${day(row.on)}</span><span>${word("method", row.method)}${this.payment(row.status)}</span><b class="num amount">${money(row.amount_minor, row.currency)}</b></li>`,
        ),
    },
    {
      name: "promises",
      icon: "handshake",
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
      mark: ({ cards }) => !!cards.handling?.mandatory,
      fixed: ({ cards }) => !!cards.handling?.mandatory,
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

  /** What became of a payment, when it is not simply there. */
  private payment(status: string): TemplateResult | typeof nothing {
    return status === "POSTED" ? nothing : html` <span class="quiet">· ${word("payment", status)}</span>`;
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
      (loan) => html`<li><span>${loan.product_label} <span class="num">••${loan.tail}</span> <span class="quiet">${loan.bucket} · ${plural("a.days", loan.dpd, { days: loan.dpd })}</span></span><b class="num amount">${money(loan.outstanding_minor, loan.currency)}</b></li>`,
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
    const heads = [...this.querySelectorAll<HTMLElement>(".card-head")];
    const at = heads.indexOf(document.activeElement as HTMLElement);
    heads[(at + step + heads.length) % heads.length]?.focus();
  }

  override render(): TemplateResult {
    const { screen } = this;
    const hidden = this.desk.withOther;
    if (!this.desk.facing) return ownDay(this.desk);
    if (!screen?.customer || hidden) {
      return html`<h2 class="sr">${t("b.heading")}</h2><p class="empty" data-testid="cards-empty">${hidden ? t("a.third_party") : t("b.unknown")}</p>`;
    }
    const open = this.cards.filter((card) => this.isOpen(card, screen));
    return html`<h2 class="sr">${t("b.heading")}</h2>
      <div class="card-heads" role="group" aria-label=${t("b.heading")} @keydown=${this.press}>
        ${this.cards.map((card) => this.head(card, screen))}
      </div>
      <div class="card-bodies" tabindex="0" role="region" aria-label=${t("b.heading")} data-testid="card-panel">
        ${open.length ? open.map((card) => this.body(card, screen)) : html`<p class="quiet">${t("b.open_none")}</p>`}
      </div>`;
  }

  private isOpen(card: Card, screen: ScreenPop): boolean {
    return !!card.fixed?.(screen) || this.open.has(card.name);
  }

  private head(card: Card, screen: ScreenPop): TemplateResult {
    const marked = card.mark?.(screen) ?? false;
    const fixed = card.fixed?.(screen) ?? false;
    const fresh = card.money ? this.desk.updatedAt : null;
    return html`<button type="button" class="card-head ${marked ? "marked" : ""}" aria-expanded=${this.isOpen(card, screen)} aria-controls=${`card-${card.name}`}
      aria-disabled=${fixed} aria-keyshortcuts=${ariaKeys(card.name)} data-testid=${`card-${card.name}`} @click=${() => this.toggle(card.name)}>
      <span class="card-label">${icon(marked ? "warn" : card.icon, "small")}${t(`b.${card.name}`)}
        ${fixed ? html`<span class="quiet">· ${t("b.always_open")}</span>` : nothing}
        ${fresh ? html`<span class="fresh" data-testid="card-updated">${t("b.new", { time: clockTime(fresh) })}</span>` : nothing}<kbd>${hint(card.name)}</kbd></span>
      <span class="card-gist">${card.gist(screen)}</span>
    </button>`;
  }

  private body(card: Card, screen: ScreenPop): TemplateResult {
    const rows = card.rows(screen);
    return html`<section class="card-body" id=${`card-${card.name}`} aria-labelledby=${`card-title-${card.name}`} data-testid=${`body-${card.name}`}>
      <h3 id=${`card-title-${card.name}`}>${t(`b.${card.name}`)}</h3>
      ${rows.length ? html`<ul class="rows">${rows}</ul>` : html`<p class="quiet">${card.gist(screen)}</p>`}
    </section>`;
  }
}

customElements.define("quick-cards", QuickCards);
