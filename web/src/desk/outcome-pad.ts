/** Zone D: ten outcomes by digit, the form of the chosen one in the same place, note, finish. */
import { html, nothing, type TemplateResult } from "lit";
import type { QuickOutcome } from "../cards";
import { t, word } from "../i18n";
import { icon } from "../icons";
import { DIGITS } from "../chords";
import { ariaKeys, hint } from "../keys";
import { tip } from "../tip";
import { offerPad } from "./offer-pad";
import { DeskPart } from "./part";
import "./callback-form";
import "./fields-form";
import "./note-menu";
import type { NoteMenu } from "./note-menu";
import "./outcome-tree";
import "./promise-form";


export class OutcomePad extends DeskPart {
  private form: string | null = null;

  get noteMenu(): NoteMenu | null {
    return this.querySelector<NoteMenu>("note-menu");
  }

  /** The cursor in the note: on the gap of a template, else at its end. */
  private goOn(gap: number): void {
    const note = this.querySelector<HTMLTextAreaElement>("[data-testid=note]");
    if (!note) return;
    note.focus();
    if (gap < 0) note.setSelectionRange(note.value.length, note.value.length);
    else note.setSelectionRange(gap, gap + 1);
  }

  focusNote(): void {
    this.querySelector<HTMLElement>("textarea")?.focus();
  }

  /** Puts the cursor where the missing thing is put in. */
  focusMissing(kind: string, code: string): void {
    if (code === "note") return this.focusNote();
    const inside = this.querySelector<HTMLElement>(`[data-field="${CSS.escape(code)}"], .form-panel input, .pad button`);
    if (kind !== "tick") inside?.focus();
  }

  protected override updated(): void {
    // A form that has just opened takes the focus, once.
    const form = this.desk.form ?? (this.desk.correcting ? "correct" : null);
    if (form === this.form) return;
    const closed = this.form !== null && form === null;
    this.form = form;
    if (form) void this.focusForm();
    else if (closed && this.desk.engaged) this.querySelector<HTMLElement>(".pad button[aria-pressed=true], [data-testid=finish]")?.focus();
  }

  private async focusForm(): Promise<void> {
    await new Promise(requestAnimationFrame);
    this.querySelector<HTMLElement>(".form-panel [autofocus], .form-panel input")?.focus();
  }

  override render(): TemplateResult {
    if (this.desk.looking) return offerPad(this.desk);
    return html`${this.heading()}
      <div class="pad-place">${this.place()}</div>
      ${this.under()}`;
  }

  private heading(): TemplateResult {
    const { desk } = this;
    const over = desk.known === "WRAP_OVER";
    const counting = desk.known === "WRAP_UP" && desk.agent?.deadline;
    return html`<header class="zone-head ${over ? "over" : ""}">
      <h2 class="zone-title">${t("d.heading")}</h2>
      ${desk.chosen ? html`<span class="chosen" data-testid="chosen">${icon("ok", "small")}<b>${desk.chosen.label}</b> ${this.mark()}</span>` : nothing}
      <span class="bar-gap"></span>
      ${counting
        ? html`<span class="countdown" data-testid="wrap-clock">${icon("clock", "small")}<ticking-time class="num" until=${desk.agent?.deadline ?? nothing}></ticking-time></span>
            <button class="chip-button" data-testid="extend" aria-keyshortcuts=${ariaKeys("extend")} ?disabled=${!desk.agent?.extends_left} @click=${desk.extend}>${t("wrap.extend")}<kbd>${hint("extend")}</kbd></button>`
        : nothing}
      ${over ? html`<span class="countdown over" data-testid="wrap-over-mark">${icon("clock", "small")}${t("wrap.over_short")}</span>` : nothing}
    </header>`;
  }

  private mark(): TemplateResult {
    const { saved } = this.desk;
    return html`<span class="quiet" data-testid="saved" data-saved=${saved}>${t(`saved.${saved}`)}</span>`;
  }

  private place(): TemplateResult {
    const { desk } = this;
    if (desk.correcting && !desk.form) return html`<outcome-tree class="form-panel" data-testid="correct-tree"></outcome-tree>`;
    switch (desk.form) {
      case "promise":
        return html`<promise-form class="form-panel" data-testid="promise-form"></promise-form>`;
      case "callback":
        return html`<callback-form class="form-panel" data-testid="callback-form"></callback-form>`;
      case "fields":
        return html`<fields-form class="form-panel" data-testid="fields-form"></fields-form>`;
      case "tree":
        return html`<outcome-tree class="form-panel" data-testid="tree"></outcome-tree>`;
      default:
        return this.pad();
    }
  }

  private pad(): TemplateResult {
    const live = this.desk.engaged;
    const byKey = new Map(this.desk.quick.map((outcome) => [outcome.key, outcome]));
    return html`<div class="pad" role="group" aria-label=${t("d.heading")} data-testid="outcomes">
      ${DIGITS.map((key) => this.button(key, byKey.get(key), live))}
    </div>`;
  }

  private button(key: (typeof DIGITS)[number], outcome: QuickOutcome | undefined, live: boolean): TemplateResult {
    const pressed = live && !!outcome && this.desk.draft?.leaf === outcome.leaf;
    const barred = live ? this.desk.leafOf(outcome?.leaf)?.barred : undefined;
    const why = barred ? `tip-outcome-${key}` : nothing;
    return html`<div class="outcome-place"><button class="outcome" aria-pressed=${pressed} ?disabled=${!live || !outcome} aria-disabled=${barred ? "true" : nothing} aria-keyshortcuts=${ariaKeys(`outcome-${key}`)}
      data-tip=${why} aria-describedby=${why} data-testid=${`outcome-${key}`} data-leaf=${outcome?.leaf ?? nothing} @click=${() => outcome && this.desk.choose(outcome.leaf)}>
      <kbd>${key}</kbd><span>${outcome?.label ?? word("outcome", key)}</span>${pressed ? icon("ok", "small") : barred ? icon("stop", "small") : nothing}
    </button>${barred ? tip(`tip-outcome-${key}`, barred) : nothing}</div>`;
  }

  private under(): TemplateResult {
    const { desk } = this;
    const live = desk.engaged;
    return html`
      <div class="over-note">
        <p class="missing" data-testid="missing" aria-live="polite">${this.missing()}</p>
        <button class="link" ?disabled=${!live || desk.withOther} aria-haspopup="menu" aria-keyshortcuts=${ariaKeys("templates")} data-testid="open-templates" @click=${() => this.noteMenu?.toggle()}>${t("note.template")} <kbd>${hint("templates")}</kbd></button>
        <note-menu @note-filled=${(event: CustomEvent<number>) => this.goOn(event.detail)}></note-menu>
      </div>
      <label class="note"><span class="sr">${t("d.note")}</span>
        <textarea rows="2" maxlength="4000" ?disabled=${!live} placeholder=${`${t("d.note")} (${hint("note")})`} aria-keyshortcuts=${ariaKeys("note")} data-testid="note" data-field="note"
          .value=${live ? (desk.draft?.note ?? "") : ""} @input=${(event: Event) => desk.amend({ note: (event.target as HTMLTextAreaElement).value })}></textarea>
      </label>
      <footer class="pad-foot">
        <button class="chip-button" ?disabled=${!live} aria-keyshortcuts=${ariaKeys("promise")} data-testid="open-promise" @click=${() => this.jump("promise")}>${t("d.promise")}<kbd>${hint("promise")}</kbd></button>
        <button class="chip-button" ?disabled=${!live} aria-keyshortcuts=${ariaKeys("callback")} data-testid="open-callback" @click=${() => this.jump("callback")}>${t("d.callback")}<kbd>${hint("callback")}</kbd></button>
        <button class="chip-button" ?disabled=${!live} aria-keyshortcuts=${ariaKeys("tree")} data-testid="open-tree" @click=${() => desk.open("tree")}>${t("d.other")}<kbd>${hint("tree")}</kbd></button>
        <span class="bar-gap"></span>
        <button class="button primary" ?disabled=${!live} aria-keyshortcuts=${ariaKeys("finish")} data-testid="finish" @click=${() => this.dispatchEvent(new CustomEvent("finish-call", { bubbles: true }))}>
          <span>${desk.wrapping ? t("d.finish") : t("d.save")}</span><kbd>${hint("finish")}</kbd>
        </button>
      </footer>`;
  }

  private missing(): TemplateResult | typeof nothing {
    const { desk } = this;
    if (!desk.draft || (!desk.chosen && !desk.wrapping)) return nothing;
    const [first, ...more] = desk.missing.map(({ label }) => label);
    if (!first) return nothing;
    return html`${icon("warn", "small")}<span aria-hidden="true">${t("missing.title")} ${first}${more.length ? ` +${more.length}` : ""}</span>
      <span class="sr">${t("missing.title")} ${[first, ...more].join(" · ")}</span>`;
  }

  /** The promise or callback form of the chosen outcome, or of the first outcome that needs one. */
  jump(need: "promise" | "callback"): void {
    const { desk } = this;
    if (!desk.chosen?.needs.includes(need)) {
      const first = desk.quick.find((outcome) => outcome.needs.includes(need));
      if (first) return desk.choose(first.leaf);
    }
    desk.open(need);
  }
}

customElements.define("outcome-pad", OutcomePad);
