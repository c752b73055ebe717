/** Zone C: the sentence to say now and why it was chosen, the statements to tick, answers to objections. */
import { html, nothing, type TemplateResult } from "lit";
import type { ScreenPop, Script } from "../cards";
import { t } from "../i18n";
import { icon } from "../icons";
import { ariaKeys, hint } from "../keys";
import "./objection-list";
import { DeskPart } from "./part";

type Statement = ScreenPop["compliance"][number];

export class SayTick extends DeskPart {
  private shown: string | null = null;
  private step = 0;
  private objecting = false;

  /** Another step of the script; after the last the first. */
  turn(by = 1): void {
    const steps = this.desk.script?.steps.length ?? 0;
    if (!steps) return;
    this.step = (this.step + by + steps) % steps;
    this.requestUpdate();
  }

  /** This step has been said: on to the next. */
  sayNext(): void {
    if (!this.desk.script?.steps.length) return;
    this.desk.say(this.step + 1, true);
    this.turn();
  }

  tickNext(): void {
    const next = this.statements().find(({ code }) => !this.isTicked(code));
    if (!next) return;
    this.desk.tick(next.code, true);
    void this.updateComplete.then(() => this.querySelector(`[data-code="${CSS.escape(next.code)}"]`)?.scrollIntoView({ block: "nearest" }));
  }

  focusTick(code: string): void {
    this.querySelector<HTMLElement>(`[data-code="${CSS.escape(code)}"] input`)?.focus();
  }

  object(): void {
    this.objecting = !this.objecting;
    this.requestUpdate();
    const next = this.objecting ? "[type=search]" : "[data-testid=objections]";
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(next)?.focus());
  }

  protected override willUpdate(): void {
    const call = this.desk.screen?.call.id ?? null;
    const shown = call && `${call} ${this.desk.script?.code}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.step = Math.max(0, (this.desk.script?.step ?? 1) - 1);
    this.objecting = false;
  }

  override render(): TemplateResult {
    if (this.desk.correcting) return this.correcting();
    const screen = this.desk.facing ? this.desk.screen : null;
    if (!screen) return html`<header class="zone-head"><h2 class="zone-title">${t("c.heading")}</h2></header><p class="empty">${t("c.empty")}</p>`;
    const { script } = this.desk;
    return html`${this.heading(script)} ${this.objecting ? this.objections(screen) : this.say(screen, script)}`;
  }

  /** An outcome is put right after the call: what it asks to have been said can still be ticked. */
  private correcting(): TemplateResult {
    return html`<header class="zone-head"><h2 class="zone-title">${t("c.heading")}</h2></header>
      <p class="script-why"></p>
      <p class="script">${t("c.said_in_call")}</p>
      <ul class="ticks" data-testid="compliance" aria-label=${t("c.statements")}>${this.statements().map((statement) => this.statement(statement))}</ul>`;
  }

  private heading(script: Script | null): TemplateResult {
    const steps = script?.steps.length ?? 0;
    return html`<header class="zone-head">
      <h2 class="zone-title">${t("c.heading")}</h2>
      ${steps
        ? html`<span class="stepper">
            <button class="icon-button" aria-label=${t("c.previous")} @click=${() => this.turn(-1)}>${icon("back", "small")}</button>
            <span class="num" data-testid="script-step">${this.step + 1}/${steps}</span>
            <button class="icon-button" aria-label=${t("c.next")} aria-keyshortcuts=${ariaKeys("script")} @click=${() => this.sayNext()}>${icon("next", "small")}</button>
            <kbd>${hint("script")}</kbd>
          </span>`
        : nothing}
      <span class="bar-gap"></span>
      <button class="chip-button" aria-expanded=${this.objecting} aria-keyshortcuts=${ariaKeys("objections")} data-testid="objections" @click=${() => this.object()}>
        ${icon("speech", "small")}<span>${this.objecting ? t("c.back_to_script") : t("c.objections")}</span><kbd>${hint("objections")}</kbd>
      </button>
    </header>`;
  }

  private say(screen: ScreenPop, script: Script | null): TemplateResult {
    const line = script?.steps[this.step] ?? screen.greeting;
    return html`${this.chosen(script)}
      <p class="script" data-testid="script" tabindex="0">${line}</p>
      <ul class="ticks" data-testid="compliance" aria-label=${t("c.statements")}>
        ${this.statements().map((statement) => this.statement(statement))}
      </ul>`;
  }

  /** Which script this is and why; whether its step was said; and the way back from another person. */
  private chosen(script: Script | null): TemplateResult {
    const said = (script && this.desk.draft?.said[script.code]?.includes(this.step + 1)) ?? false;
    const why = script ? t("c.because", { why: script.why }) : "";
    return html`<p class="script-why">
      <span class="why-text" data-testid="script-why" data-script=${script?.code ?? ""} title=${script ? `${script.title} · ${why}` : ""}>${script ? html`<b>${script.title}</b> ${this.desk.withOther ? nothing : html`<span class="quiet">${why}</span>`}` : nothing}</span>
      ${this.desk.withOther
        ? html`<button class="link" data-testid="customer-back" @click=${this.desk.customerIsBack}>${t("c.customer_back")}</button>`
        : nothing}
      ${script?.steps.length
        ? html`<label class="said"><input type="checkbox" .checked=${said} data-testid="step-said" ?disabled=${!this.desk.draft} @change=${(event: Event) => this.desk.say(this.step + 1, (event.target as HTMLInputElement).checked)}>${t("c.said")}</label>`
        : nothing}
    </p>`;
  }

  private isTicked(code: string): boolean {
    return this.desk.draft?.ticked.includes(code) ?? false;
  }

  /** Those that belong to this call or to the outcome chosen; and any that the server asks for. */
  private statements(): Statement[] {
    const { facts, chosen, withOther, problem } = this.desk;
    const required = withOther ? (facts?.third_party?.required ?? []) : null;
    return (facts?.compliance ?? []).filter(
      ({ code, required: always, blocks }) =>
        (required ? required.includes(code) : always) || (!!chosen && blocks.includes(chosen.leaf)) || this.isTicked(code) || problem?.field === code,
    );
  }

  private statement({ code, text, blocks }: Statement): TemplateResult {
    const { chosen, missing } = this.desk;
    const ticked = this.isTicked(code);
    const needed = !!chosen && blocks.includes(chosen.leaf);
    const lacking = !ticked && missing.some((one) => one.kind === "tick" && one.code === code);
    return html`<li data-code=${code} class=${lacking ? "lacking" : ""}>
      <label>
        <input type="checkbox" .checked=${ticked} data-testid=${`tick-${code}`} ?disabled=${!this.desk.draft} @change=${(event: Event) => this.desk.tick(code, (event.target as HTMLInputElement).checked)}>
        <span>${text}${needed ? html`<span class="needed" title=${t("c.required")}><span aria-hidden="true"> *</span><span class="sr"> (${t("c.required")})</span></span>` : nothing}</span>
      </label>
    </li>`;
  }

  private objections(screen: ScreenPop): TemplateResult {
    const list = this.desk.withOther ? (screen.third_party?.objections ?? []) : screen.objections;
    return html`<objection-list class="objections" .list=${list} @close-list=${() => this.object()}></objection-list>`;
  }
}

customElements.define("say-tick", SayTick);
