/** Why the break: a menu by letter, arrows or pointer. In a call the break comes after it. */
import { html, nothing, type TemplateResult } from "lit";
import { t } from "../i18n";
import { DeskPart } from "./part";
import { pauseReasons } from "./reasons";

export class PauseMenu extends DeskPart {
  private shown = false;
  private returnTo: Element | null = null;

  toggle(): void {
    if (this.desk.pending) void this.desk.cancelPending();
    else if (this.shown) this.hide();
    else void this.show();
  }

  private async show(): Promise<void> {
    this.returnTo = document.activeElement;
    this.shown = true;
    this.requestUpdate();
    await this.updateComplete;
    this.items[0]?.focus();
  }

  private hide(): void {
    this.shown = false;
    this.requestUpdate();
    if (this.returnTo instanceof HTMLElement) this.returnTo.focus();
  }

  private get items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[role=menuitem]")];
  }

  private pick(code: string): void {
    this.hide();
    void this.desk.pause(code);
  }

  private press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { items } = this;
    const at = items.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    const reason = pauseReasons.find(({ letter }) => event.code === `Key${letter}`);
    if (step) items[(at + step + items.length) % items.length]?.focus();
    else if (event.code === "Escape") this.hide();
    else if (reason) this.pick(reason.code);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private readonly left = (event: FocusEvent): void => {
    if (!this.contains(event.relatedTarget as Node | null) && this.shown) {
      this.shown = false;
      this.requestUpdate();
    }
  };

  override render(): TemplateResult | typeof nothing {
    if (!this.shown) return nothing;
    const after = this.desk.engaged;
    return html`<div class="menu" data-testid="pause-menu" @keydown=${this.press} @focusout=${this.left}>
      <p class="menu-title" id="pause-title">${after ? t("pause.title_after") : t("pause.title")}</p>
      <div role="menu" aria-labelledby="pause-title">
        ${pauseReasons.map(
          (reason) => html`<button role="menuitem" tabindex="-1" data-testid=${`pause-${reason.code}`} @click=${() => this.pick(reason.code)}>
            <kbd>${reason.letter}</kbd><span>${reason.word}</span>
            <span class="quiet num">${reason.max_seconds ? t("pause.max", { minutes: Math.round(reason.max_seconds / 60) }) : ""}</span>
          </button>`,
        )}
      </div>
    </div>`;
  }
}

customElements.define("pause-menu", PauseMenu);
