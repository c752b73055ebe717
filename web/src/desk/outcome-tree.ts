/** The whole tree in three columns, with type-ahead: what the ten digits do not hold. */
import { html, nothing, type TemplateResult } from "lit";
import type { Leaf } from "../cards";
import { t } from "../i18n";
import { plain } from "../plain";
import { formHead } from "./form-head";
import { DeskPart } from "./part";

export class OutcomeTree extends DeskPart {
  private sought = "";
  private first: string | null = null;
  private second: string | null = null;

  private get leaves(): Leaf[] {
    const { facts } = this.desk;
    return facts ? this.desk.outcomesOf(facts).tree : [];
  }

  private pick(leaf: Leaf): void {
    this.desk.choose(leaf.leaf);
  }

  private column(level: number, within: (string | null)[]): string[] {
    const fits = this.leaves.filter(({ path }) => within.every((part, i) => path[i] === part));
    return [...new Set(fits.map(({ path }) => path[level] ?? ""))];
  }

  private press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    if (!step) return;
    event.preventDefault();
    const all = [...this.querySelectorAll<HTMLElement>("input, .tree button")];
    const column = (event.target as HTMLElement).closest(".tree-column");
    const within = column ? [...column.querySelectorAll<HTMLElement>("button")] : all;
    const at = within.indexOf(document.activeElement as HTMLElement);
    within[at + step]?.focus();
  }

  override render(): TemplateResult {
    return html`${formHead(this.desk, this.desk.engaged ? t("tree.title") : t("tree.correct"))}
      <div class="tree-frame" @keydown=${this.press}>
        <input type="search" autofocus aria-label=${t("tree.search")} placeholder=${t("tree.search")} data-testid="tree-search"
          @input=${(event: Event) => {
            this.sought = (event.target as HTMLInputElement).value;
            this.requestUpdate();
          }}>
        ${this.sought.trim() ? this.hits() : this.columns()}
      </div>`;
  }

  private hits(): TemplateResult {
    const words = plain(this.sought).split(/\s+/);
    const found = this.leaves.filter(({ path, label }) => {
      const text = plain([...path, label].join(" "));
      return words.every((one) => text.includes(one));
    });
    return html`<div class="tree flat" data-testid="tree-matches">
      ${found.map((leaf) => this.leaf(leaf, leaf.path.join(" › ")))}
      ${found.length ? "" : html`<p class="quiet">${t("tree.none")}</p>`}
    </div>`;
  }

  private columns(): TemplateResult {
    const firsts = this.column(0, []);
    const first = this.first && firsts.includes(this.first) ? this.first : (firsts[0] ?? null);
    const seconds = this.column(1, [first]);
    const second = this.second && seconds.includes(this.second) ? this.second : (seconds[0] ?? null);
    const leaves = this.leaves.filter(({ path }) => path[0] === first && path[1] === second);
    const choice = (names: string[], chosen: string | null, pick: (name: string) => void): TemplateResult[] =>
      names.map((name) => html`<button type="button" aria-pressed=${name === chosen} @click=${() => pick(name)}>${name}</button>`);
    return html`<div class="tree">
      <div class="tree-column">${choice(firsts, first, (name) => this.turn(name, null))}</div>
      <div class="tree-column">${choice(seconds, second, (name) => this.turn(first, name))}</div>
      <div class="tree-column">${leaves.map((leaf) => this.leaf(leaf, leaf.path[2] ?? leaf.label))}</div>
    </div>`;
  }

  /** One that is barred stays in its place, with the reason under it. */
  private leaf(leaf: Leaf, label: string): TemplateResult {
    return html`<button type="button" class="leaf" data-leaf=${leaf.leaf} aria-disabled=${leaf.barred ? "true" : nothing} @click=${() => this.pick(leaf)}>${label}${leaf.barred ? html`<span class="quiet">${leaf.barred}</span>` : nothing}</button>`;
  }

  private turn(first: string | null, second: string | null): void {
    this.first = first;
    this.second = second;
    this.requestUpdate();
  }
}

customElements.define("outcome-tree", OutcomeTree);
