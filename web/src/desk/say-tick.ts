/** Zone C: the sentence to say now, the statements to tick, answers to objections. */
import { html, nothing, type TemplateResult } from "lit";
import type { ScreenPop } from "../cards";
import { t } from "../i18n";
import { icon } from "../icons";
import { plain } from "../plain";
import { DeskPart } from "./part";

export class SayTick extends DeskPart {
  private call: string | null = null;
  private step = 0;
  private objecting = false;
  private sought = "";

  /** Next step of the script; after the last the first. */
  turn(by = 1): void {
    const steps = this.desk.screen?.script?.steps.length ?? 0;
    if (!steps) return;
    this.step = (this.step + by + steps) % steps;
    this.requestUpdate();
  }

  tickNext(): void {
    const { screen, draft } = this.desk;
    const next = screen?.compliance.find(({ code }) => !draft?.ticked.includes(code));
    if (!next) return;
    this.desk.tick(next.code, true);
    void this.updateComplete.then(() => this.querySelector(`[data-code="${CSS.escape(next.code)}"]`)?.scrollIntoView({ block: "nearest" }));
  }

  focusTick(code: string): void {
    this.querySelector<HTMLElement>(`[data-code="${CSS.escape(code)}"] input`)?.focus();
  }

  object(): void {
    this.objecting = !this.objecting;
    this.sought = "";
    this.requestUpdate();
    if (this.objecting) void this.updateComplete.then(() => this.querySelector<HTMLElement>("[type=search]")?.focus());
  }

  protected override willUpdate(): void {
    const call = this.desk.screen?.call.id ?? null;
    if (call === this.call) return;
    this.call = call;
    this.step = Math.max(0, (this.desk.screen?.script?.step ?? 1) - 1);
    this.objecting = false;
  }

  override render(): TemplateResult {
    const screen = this.desk.engaged ? this.desk.screen : null;
    if (!screen) return html`<header class="zone-head"><h2 class="zone-title">${t("c.heading")}</h2></header><p class="empty">${t("c.empty")}</p>`;
    return html`${this.heading(screen)} ${this.objecting ? this.objections(screen) : this.script(screen)}`;
  }

  private heading(screen: ScreenPop): TemplateResult {
    const steps = screen.script?.steps.length ?? 0;
    return html`<header class="zone-head">
      <h2 class="zone-title">${t("c.heading")}</h2>
      ${steps
        ? html`<span class="stepper">
            <button class="icon-button" aria-label=${t("c.previous")} @click=${() => this.turn(-1)}>${icon("back", "small")}</button>
            <span class="num" data-testid="script-step">${this.step + 1}/${steps}</span>
            <button class="icon-button" aria-label=${t("c.next")} aria-keyshortcuts="Alt+S" @click=${() => this.turn()}>${icon("next", "small")}</button>
            <kbd>Alt S</kbd>
          </span>`
        : nothing}
      <span class="bar-gap"></span>
      ${screen.objections.length
        ? html`<button class="chip-button" aria-expanded=${this.objecting} aria-keyshortcuts="Alt+O" data-testid="objections" @click=${() => this.object()}>
            ${icon("speech", "small")}<span>${this.objecting ? t("c.back_to_script") : t("c.objections")}</span><kbd>Alt O</kbd>
          </button>`
        : nothing}
    </header>`;
  }

  private script(screen: ScreenPop): TemplateResult {
    const line = screen.script?.steps[this.step] ?? screen.greeting;
    return html`<p class="script" data-testid="script" tabindex="0">${line}</p>
      <ul class="ticks" data-testid="compliance" aria-label=${t("c.statements")}>
        ${screen.compliance.map((statement) => this.statement(statement))}
      </ul>`;
  }

  private statement({ code, text, required, blocks }: ScreenPop["compliance"][number]): TemplateResult {
    const ticked = this.desk.draft?.ticked.includes(code) ?? false;
    const lacking = !ticked && this.desk.missing.some((one) => one.kind === "tick" && one.code === code);
    return html`<li data-code=${code} class=${lacking ? "lacking" : ""}>
      <label>
        <input type="checkbox" .checked=${ticked} data-testid=${`tick-${code}`} @change=${(event: Event) => this.desk.tick(code, (event.target as HTMLInputElement).checked)}>
        <span>${text}${required || blocks.length ? html`<span class="needed" title=${t("c.required")}><span aria-hidden="true"> *</span><span class="sr"> (${t("c.required")})</span></span>` : nothing}</span>
      </label>
    </li>`;
  }

  private objections(screen: ScreenPop): TemplateResult {
    const sought = plain(this.sought);
    const found = screen.objections.filter(({ label, reply }) => plain(label + reply).includes(sought));
    return html`<div class="objections" @keydown=${(event: KeyboardEvent) => event.code === "Escape" && this.object()}>
      <input type="search" aria-label=${t("c.objection_search")} placeholder=${t("c.objection_search")} data-testid="objection-search"
        @input=${(event: Event) => {
          this.sought = (event.target as HTMLInputElement).value;
          this.requestUpdate();
        }}>
      <ul tabindex="0" aria-label=${t("c.objections")}>
        ${found.map(({ label, reply }) => html`<li><b>${label}</b><p>${reply}</p></li>`)}
        ${found.length ? nothing : html`<li class="quiet">${t("c.no_objection")}</li>`}
      </ul>
    </div>`;
  }
}

customElements.define("say-tick", SayTick);
