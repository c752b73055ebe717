/** The list behind `?`: every key of this page, the switch for single keys, and keys moved by the person. */
import { LitElement, html, nothing, type TemplateResult } from "lit";
import { t, type Key } from "./i18n";
import { icon } from "./icons";
import { writtenTogether } from "./chords";
import { chordsOf, movable, ownKeys, singleKeys, useKeys, type Binding, type Keys } from "./keys";

/** Left to browsers: address bar, menus. */
const TAKEN = new Set(["KeyD", "KeyE", "KeyF"]);

export class ShortcutList extends LitElement {
  keys: Keys | null = null;
  /** Told when single keys are switched on or off. */
  onSwitch: (on: boolean) => void = () => undefined;
  /** Told of all moved keys; false when they could not be kept. */
  onKeys: (keys: Record<string, string>) => Promise<boolean> = () => Promise.resolve(true);
  private moving: string | null = null;
  private said = "";

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

  private begin(id: string): void {
    this.moving = this.moving === id ? null : id;
    this.said = this.moving ? t("keys.press") : "";
    this.requestUpdate();
  }

  /** While a key is being moved, the next letter or digit is its new one; Escape leaves it as it was. */
  private press(event: KeyboardEvent): void {
    const { moving } = this;
    if (!moving || ["Alt", "Shift", "Control", "Tab"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.code === "Escape") this.begin(moving);
    else if (!/^Key[A-Z]$/.test(event.code) || TAKEN.has(event.code)) this.refuse(t("keys.not_this"));
    else if (this.holder(event.code, moving)) this.refuse(t("keys.in_use", { what: t(this.holder(event.code, moving)?.label as Key) }));
    else void this.move({ ...ownKeys(), [moving]: event.code });
  }

  private refuse(why: string): void {
    this.said = why;
    this.requestUpdate();
  }

  /** Who has that key already, by choice or by default. */
  private holder(code: string, except: string): Binding | undefined {
    return this.keys?.list.find(({ id }) => id !== except && chordsOf(id).some(({ alt, codes }) => alt && codes.includes(code)));
  }

  private async move(keys: Record<string, string>): Promise<void> {
    const kept = await this.onKeys(keys);
    if (kept) useKeys(keys);
    this.moving = null;
    this.said = kept ? t("keys.kept") : t("keys.not_kept");
    this.requestUpdate();
    dispatchEvent(new Event("keysmoved"));
  }

  private reset(id: string): void {
    const { [id]: _, ...rest } = ownKeys();
    void this.move(rest);
  }

  /** One line for all that does the same: the outcomes have one key each. */
  private row(bindings: Binding[]): TemplateResult {
    const binding = bindings[0] as Binding;
    const { id, label } = binding;
    const written = writtenTogether(bindings.flatMap(({ id }) => chordsOf(id)));
    const moving = this.moving === id;
    return html`<div data-key=${id}>
      <dt>${moving ? html`<kbd class="asked">Alt …</kbd>` : written.map((one, i) => html`${i ? html`<span class="quiet"> / </span>` : ""}<kbd>${one}</kbd>`)}</dt>
      <dd>${t(label)}</dd>
      ${movable(binding)
        ? html`<dd class="key-move">
            ${ownKeys()[id] ? html`<button class="link" data-testid=${`key-reset-${id}`} @click=${() => this.reset(id)}>${t("keys.reset")}</button>` : nothing}
            <button class="link" aria-pressed=${moving} aria-label=${`${t("keys.move")}: ${t(label)}`} data-testid=${`key-move-${id}`} @click=${() => this.begin(id)}>${t("keys.move")}</button>
          </dd>`
        : nothing}
    </div>`;
  }

  override render(): TemplateResult {
    const groups = Map.groupBy(this.keys?.list ?? [], ({ group }) => group);
    return html`<dialog class="shortcuts" aria-labelledby="shortcuts-title" data-testid="shortcuts" @click=${this.outside} @keydown=${this.press}>
      <div class="dialog-body" tabindex="-1">
        <header class="zone-head">
          <h2 id="shortcuts-title" class="zone-title">${t("keys.title")}</h2><span class="bar-gap"></span>
          <button class="icon-button" aria-label=${t("keys.close")} @click=${() => this.close()}>${icon("close")}</button>
        </header>
        <label class="switch">
          <input type="checkbox" role="switch" .checked=${singleKeys.on} data-testid="single-keys" @change=${(event: Event) => this.turn((event.target as HTMLInputElement).checked)}>
          <span>${t("keys.single")}<span class="quiet"> – ${t("keys.single_help")}</span></span>
        </label>
        <p class="key-said" role="status" data-testid="key-said">${this.said}</p>
        <div class="key-groups">
          ${[...groups].map(
            ([group, bindings]) => html`<section>
              <h3>${t(`keys.group_${group}` as Key)}</h3>
              <dl>${[...Map.groupBy(bindings, ({ label }) => label).values()].map((same) => this.row(same))}</dl>
            </section>`,
          )}
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define("shortcut-list", ShortcutList);
