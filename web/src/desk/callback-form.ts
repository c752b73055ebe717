/** When to call again: presets by digit, illegal times stand there with their reason, or a time of one's own. */
import { html, type TemplateResult } from "lit";
import { clockTime, day, isoDay, moment } from "../format";
import { t } from "../i18n";
import { icon } from "../icons";
import { extraFields } from "./extra-fields";
import { formHead } from "./form-head";
import { DeskPart } from "./part";
import { parseDay } from "./promise-form";

/** Vietnam has had one offset since 1975; the server judges the instant again. */
const OFFSET = "+07:00";

export class CallbackForm extends DeskPart {
  private dayText = "";
  private timeText = "";
  private wrong = false;

  /** The preset of a digit, when it is allowed. True when the digit meant something here. */
  pick(key: string): boolean {
    const preset = this.desk.facts?.presets?.callback.find((one) => one.key === key);
    if (preset && !preset.refused) this.choose(preset.at);
    return !!preset;
  }

  private choose(at: number): void {
    this.desk.amend({ callback: { at } });
    if (!this.desk.submitForm()) this.dispatchEvent(new CustomEvent("show-missing", { bubbles: true }));
  }

  private submit(event: Event): void {
    event.preventDefault();
    const now = this.desk.clock.now();
    const iso = this.dayText.trim() ? parseDay(this.dayText, isoDay(now)) : isoDay(now);
    const time = /^(\d{1,2})[:hH.]?(\d{2})?$/.exec(this.timeText.trim());
    const at = iso && time ? Date.parse(`${iso}T${time[1]?.padStart(2, "0")}:${time[2] ?? "00"}:00${OFFSET}`) : Number.NaN;
    this.wrong = !(at > now);
    if (this.wrong) this.requestUpdate();
    else this.choose(at);
  }

  override render(): TemplateResult {
    const { desk } = this;
    const chosen = desk.draft?.callback?.at ?? null;
    return html`${formHead(desk)}
      <div class="presets" role="group" aria-label=${t("callback.presets")}>
        ${desk.facts?.presets?.callback.map(
          ({ key, label, at, refused }, i) => html`<button type="button" class="preset" ?autofocus=${i === 0} ?disabled=${!!refused} aria-pressed=${chosen === at} data-testid=${`callback-${key}`} @click=${() => this.choose(at)}>
            <kbd>${key}</kbd><span>${label}</span><span class="quiet num">${refused ?? moment(at, desk.clock.now())}</span>
          </button>`,
        )}
      </div>
      <div class="form-grid">${extraFields(desk)}</div>
      <form class="form-grid three" @submit=${this.submit}>
        <label class="field"><span>${t("callback.day")}</span>
          <input class="num" autocomplete="off" placeholder=${t("callback.day_hint")} data-testid="callback-day" data-field="callback" .value=${this.dayText} @input=${(event: Event) => (this.dayText = (event.target as HTMLInputElement).value)}></label>
        <label class="field"><span>${t("callback.time")}</span>
          <input class="num" autocomplete="off" placeholder="18:30" required aria-invalid=${this.wrong} data-testid="callback-time" .value=${this.timeText} @input=${(event: Event) => (this.timeText = (event.target as HTMLInputElement).value)}></label>
        <button class="button" type="submit" data-testid="callback-save">${icon("ok", "small")}${t("callback.save")}</button>
        <p class="summary" role="status">${this.wrong ? t("callback.wrong") : chosen ? t("callback.summary", { day: day(isoDay(chosen)), time: clockTime(chosen) }) : ""}</p>
      </form>`;
  }
}

customElements.define("callback-form", CallbackForm);
