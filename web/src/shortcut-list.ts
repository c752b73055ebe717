/** The list behind `?`: every key of this page, and the switch for single keys. */
import { LitElement, html, type TemplateResult } from "lit";
import { t, type Key } from "./i18n";
import { icon } from "./icons";
import { singleKeys, type Binding, type Keys } from "./keys";

export class ShortcutList extends LitElement {
  keys: Keys | null = null;
  /** Told when single keys are switched on or off. */
  onSwitch: (on: boolean) => void = () => undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  toggle(): void {
    const dialog = this.querySelector("dialog");
    if (dialog?.open) dialog.close();
    else dialog?.showModal();
  }

  close(): void {
    this.querySelector("dialog")?.close();
  }

  private turn(on: boolean): void {
    singleKeys.on = on;
    this.onSwitch(on);
  }

  private outside(event: MouseEvent): void {
    if (event.target === event.currentTarget) this.close();
  }

  override render(): TemplateResult {
    const groups = new Map<string, Binding[]>();
    for (const binding of this.keys?.list ?? []) {
      const group = groups.get(binding.group) ?? [];
      if (!group.some(({ label }) => label === binding.label)) group.push(binding);
      groups.set(binding.group, group);
    }
    return html`<dialog class="shortcuts" aria-labelledby="shortcuts-title" data-testid="shortcuts" @click=${this.outside}>
      <div class="dialog-body" tabindex="-1">
        <header class="zone-head">
          <h2 id="shortcuts-title" class="zone-title">${t("keys.title")}</h2><span class="bar-gap"></span>
          <button class="icon-button" aria-label=${t("keys.close")} @click=${() => this.close()}>${icon("close")}</button>
        </header>
        <label class="switch">
          <input type="checkbox" role="switch" .checked=${singleKeys.on} data-testid="single-keys" @change=${(event: Event) => this.turn((event.target as HTMLInputElement).checked)}>
          <span>${t("keys.single")}<span class="quiet"> – ${t("keys.single_help")}</span></span>
        </label>
        <div class="key-groups">
          ${[...groups].map(
            ([group, bindings]) => html`<section>
              <h3>${t(`keys.group_${group}` as Key)}</h3>
              <dl>${bindings.map(({ written, label }) => html`<div><dt>${written.split(" / ").map((one, i) => html`${i ? html`<span class="quiet"> / </span>` : ""}<kbd>${one}</kbd>`)}</dt><dd>${t(label)}</dd></div>`)}</dl>
            </section>`,
          )}
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define("shortcut-list", ShortcutList);
