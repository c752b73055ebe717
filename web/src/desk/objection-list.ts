/** Answers to objections: a field to type what the customer says, the scenarios that match, one answer open. */
import { LitElement, html, nothing, type TemplateResult } from "lit";
import type { Objection } from "../cards";
import { t } from "../i18n";
import { plain } from "../plain";

export class ObjectionList extends LitElement {
  static override properties = { list: { attribute: false } };
  declare list: Objection[];
  private sought = "";
  private at = 0;

  constructor() {
    super();
    this.list = [];
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Scenarios whose name matches before those whose answer does. */
  private found(): Objection[] {
    const sought = plain(this.sought).trim();
    const named = this.list.filter(({ label }) => plain(label).includes(sought));
    return [...named, ...this.list.filter((one) => !named.includes(one) && plain(one.reply).includes(sought))];
  }

  private press(event: KeyboardEvent): void {
    if (event.code === "Escape") {
      event.stopPropagation();
      this.dispatchEvent(new CustomEvent("close-list"));
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    const count = this.found().length;
    if (!step || !count) return;
    event.preventDefault();
    this.open((this.at + step + count) % count);
  }

  private open(at: number): void {
    this.at = at;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
  }

  private seek(event: Event): void {
    this.sought = (event.target as HTMLInputElement).value;
    this.open(0);
  }

  override render(): TemplateResult {
    const found = this.found();
    return html`<input type="search" role="combobox" aria-expanded="true" aria-controls="objection-options" aria-autocomplete="list"
        aria-activedescendant=${found.length ? `objection-${this.at}` : nothing} aria-label=${t("c.objection_search")} placeholder=${t("c.objection_search")}
        data-testid="objection-search" @input=${this.seek} @keydown=${this.press}>
      <ul id="objection-options" role="listbox" aria-label=${t("c.objections")}>
        ${found.map((one, i) => this.option(one, i))}
      </ul>
      ${found.length ? nothing : html`<p class="quiet" data-testid="no-objection">${t("c.no_objection")}</p>`}`;
  }

  private option({ code, label, reply }: Objection, i: number): TemplateResult {
    const open = i === this.at;
    return html`<li role="option" id=${`objection-${i}`} aria-selected=${open} data-testid=${`objection-${code}`} @click=${() => this.open(i)}>
      <b>${label}</b>${open ? html`<p data-testid="objection-reply">${reply}</p>` : nothing}
    </li>`;
  }
}

customElements.define("objection-list", ObjectionList);
