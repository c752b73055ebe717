/** From where on something is amber and red: set for everybody. */
import { html, nothing, type TemplateResult } from "lit";
import { post } from "../http";
import { t, word, type Key } from "../i18n";
import type { Numbers, SettingsCard } from "./cards";
import { WallPart } from "./part";

type Field = "amber" | "red" | "margin" | "hold_s";
const limitFields = ["amber", "red", "margin", "hold_s"] as const;

export class ThresholdForm extends WallPart {
  private drawn: SettingsCard = {};
  private refused: { name: string; field: string | null; sentence: string } | null = null;
  private saving = false;

  open(): void {
    this.drawn = structuredClone(this.wall.settings);
    this.refused = null;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector("dialog")?.showModal());
  }

  private get changed(): string[] {
    return Object.keys(this.drawn).filter((name) => JSON.stringify(this.sent(name)) !== JSON.stringify(sentOf(this.wall.settings[name] ?? {})));
  }

  private sent(name: string): Numbers {
    return sentOf(this.drawn[name] ?? {});
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.saving = true;
    this.refused = null;
    for (const name of this.changed) {
      const answer = await post("/alerts/numbers", { name, numbers: this.sent(name) });
      if (answer.ok) continue;
      this.refused = { name, ...answer.problem };
      break;
    }
    this.saving = false;
    if (!this.refused) {
      this.querySelector("dialog")?.close();
      this.wall.tell(t("thresholds.saved"));
    }
    this.requestUpdate();
  }

  private async reset(name: string): Promise<void> {
    const answer = await post("/alerts/numbers", { name, numbers: null });
    if (answer.ok) {
      this.wall.tell(t("thresholds.reset_done"));
      this.querySelector("dialog")?.close();
    } else this.refused = { name, ...answer.problem };
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const names = Object.keys(this.drawn);
    return html`<dialog class="thresholds" aria-labelledby="thresholds-title" data-testid="threshold-form">
      <form class="dialog-body" novalidate @submit=${(event: SubmitEvent) => void this.submit(event)}>
        <h2 id="thresholds-title">${t("thresholds.title")}</h2>
        <p class="quiet">${t("thresholds.help")}</p>
        <table>
          <thead><tr><th scope="col">${t("thresholds.name")}</th>${limitFields.map((field) => html`<th scope="col">${t(`thresholds.${field}`)}</th>`)}<th><span class="sr">${t("thresholds.reset")}</span></th></tr></thead>
          <tbody>${names.map((name) => this.row(name))}</tbody>
        </table>
        <footer class="dialog-foot">
          ${this.refused ? html`<p class="message bad" role="alert" data-testid="thresholds-refused">${word("threshold", this.refused.name)}: ${this.refused.sentence}</p>` : nothing}
          <p class="curtain-actions">
            <button class="button primary" type="submit" ?disabled=${this.saving} data-testid="thresholds-save">${t("thresholds.save")}</button>
            <button class="button" type="button" @click=${() => this.querySelector("dialog")?.close()}>${t("stop.cancel")}</button>
          </p>
        </footer>
      </form>
    </dialog>`;
  }

  private row(name: string): TemplateResult {
    const unit = this.drawn[name]?.unit;
    return html`<tr data-testid="threshold" data-name=${name}>
      <th scope="row">${t(`threshold.${name}` as Key)} ${unit ? html`<span class="quiet">${t(`unit.${unit}`)}</span>` : nothing}</th>
      ${limitFields.map((field) => html`<td>${this.input(name, field)}</td>`)}
      <td><button class="chip-button" type="button" data-testid="threshold-reset" @click=${() => void this.reset(name)}>${t("thresholds.default")}<span class="sr">: ${t(`threshold.${name}` as Key)}</span></button></td>
    </tr>`;
  }

  private input(name: string, field: Field): TemplateResult {
    const value = this.drawn[name]?.[field];
    const wrong = this.refused?.name === name && this.refused.field === field;
    const type = (event: Event): void => {
      const { value: typed, valueAsNumber: number } = event.target as HTMLInputElement;
      this.drawn = { ...this.drawn, [name]: { ...this.drawn[name], [field]: typed === "" ? null : number } };
    };
    return html`<input class="num" type="number" step="any" min="0" aria-label=${`${t(`threshold.${name}` as Key)}: ${t(`thresholds.${field}`)}`} aria-invalid=${wrong} .value=${value === null || value === undefined ? "" : String(value)} data-testid=${`threshold-${field}`} @input=${type}>`;
  }
}

/** What of the numbers is a person's to set. */
function sentOf({ amber, red, margin, hold_s: hold }: Numbers): Numbers {
  return { ...(amber === undefined ? {} : { amber }), ...(red === undefined ? {} : { red }), ...(margin === undefined ? {} : { margin }), ...(hold === undefined ? {} : { hold_s: hold }) };
}

customElements.define("threshold-form", ThresholdForm);
