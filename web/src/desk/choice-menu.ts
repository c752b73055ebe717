/** A menu under the bar: by letter, arrows or pointer. What is chosen is the business of who extends it. */
import { html, nothing, type TemplateResult } from "lit";
import { DeskPart } from "./part";

export interface Choice {
  code: string;
  /** One letter or digit; pressed without Alt while the menu is open. */
  letter: string;
  word: string;
  hint?: string;
}

export abstract class ChoiceMenu extends DeskPart {
  protected shown = false;
  private returnTo: Element | null = null;

  protected abstract readonly name: string;
  protected abstract get heading(): string;
  protected abstract get choices(): Choice[];
  protected abstract choose(code: string): void;

  toggle(): void {
    if (this.shown) this.hide();
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
    this.choose(code);
  }

  private press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { items } = this;
    const at = items.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    const chosen = this.choices.find(({ letter }) => [`Key${letter}`, `Digit${letter}`, `Numpad${letter}`].includes(event.code));
    if (step) items[(at + step + items.length) % items.length]?.focus();
    else if (event.code === "Escape") this.hide();
    else if (chosen) this.pick(chosen.code);
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
    const { name } = this;
    return html`<div class="menu" data-testid=${`${name}-menu`} @keydown=${this.press} @focusout=${this.left}>
      <p class="menu-title" id=${`${name}-title`}>${this.heading}</p>
      <div role="menu" aria-labelledby=${`${name}-title`}>
        ${this.choices.map(
          ({ code, letter, word, hint }) => html`<button role="menuitem" tabindex="-1" data-testid=${`${name}-${code}`} @click=${() => this.pick(code)}>
            <kbd>${letter}</kbd><span>${word}</span><span class="quiet num">${hint ?? ""}</span>
          </button>`,
        )}
      </div>
    </div>`;
  }
}
