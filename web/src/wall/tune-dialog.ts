/** How hard a campaign is dialled, set from its row: mode, ceiling, target, limit, wrap-up; read back before it is done. */
import { html, nothing, type TemplateResult } from "lit";
import { decimal, percent } from "../format";
import { t, word } from "../i18n";
import type { WallCampaign } from "./cards";
import { WallPart } from "./part";

type Field = "ratio_ceiling" | "abandon_target_pct" | "abandon_limit_pct" | "wrapup_s";
type Numbers = Record<Field, number>;
type Deed = "pause" | "start";

const steps: Record<Field, { step: number; least: number; most: number }> = {
  ratio_ceiling: { step: 0.1, least: 1, most: 3 },
  abandon_target_pct: { step: 0.1, least: 0.1, most: 3 },
  abandon_limit_pct: { step: 0.1, least: 0.1, most: 3 },
  wrapup_s: { step: 5, least: 15, most: 30 },
};
const fields = Object.keys(steps) as Field[];
const modes = ["PREDICTIVE", "RATIO", "PROGRESSIVE", "PREVIEW", "MANUAL", "AGENTLESS"];
const shown = (field: Field, value: number): string =>
  field.startsWith("abandon") ? percent(value) : field === "wrapup_s" ? t("tune.seconds", { seconds: value }) : decimal(value, 1);

export class TuneDialog extends WallPart {
  private campaign: WallCampaign | null = null;
  private deed: Deed | null = null;
  private seen: Numbers | null = null;
  private wanted: Numbers | null = null;
  private mode = "";
  private refused: { field: string | null; sentence: string } | null = null;
  private sending = false;

  /** Opens it for a campaign's numbers, or to have a deed confirmed. */
  open(campaign: WallCampaign, deed: Deed | null = null): void {
    this.campaign = campaign;
    this.deed = deed;
    const { ceiling, abandon_target_pct = 2, abandon_limit_pct, wrapup_s = 20 } = campaign;
    this.seen = { ratio_ceiling: ceiling ?? 1, abandon_target_pct, abandon_limit_pct: abandon_limit_pct ?? 3, wrapup_s };
    this.wanted = { ...this.seen };
    this.mode = campaign.mode;
    this.refused = null;
    this.requestUpdate();
    void this.updateComplete.then(() => {
      const why = this.querySelector<HTMLInputElement>("[name=reason]");
      if (why) why.value = "";
      this.querySelector("dialog")?.showModal();
    });
  }

  private close(): void {
    this.querySelector("dialog")?.close();
  }

  private get changes(): Partial<Numbers & { mode: string }> {
    const { seen, wanted, campaign, mode } = this;
    if (!seen || !wanted) return {};
    const numbers = Object.fromEntries(fields.filter((field) => wanted[field] !== seen[field]).map((field) => [field, wanted[field]]));
    return mode === campaign?.mode ? numbers : { mode, ...numbers };
  }

  private step(field: Field, by: 1 | -1): void {
    if (!this.wanted) return;
    const { step, least, most } = steps[field];
    const value = Math.round((this.wanted[field] + by * step) * 100) / 100;
    this.wanted = { ...this.wanted, [field]: Math.min(most, Math.max(least, value)) };
    this.requestUpdate();
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { campaign, changes, deed } = this;
    if (!campaign || this.sending) return;
    const seen = { mode: campaign.mode, ...this.seen };
    const reason = String(new FormData(event.target as HTMLFormElement).get("reason") ?? "").trim();
    this.sending = true;
    this.requestUpdate();
    const address = `/campaigns/${campaign.id}`;
    const refused = deed
      ? await this.wall.order(`${address}/${deed}`, {}, t(`campaign.done_${deed}`, { name: campaign.name }))
      : await this.wall.order(`${address}/tune`, { changes, seen, reason }, t("tune.done", { name: campaign.name }));
    this.sending = false;
    this.refused = refused;
    this.requestUpdate();
    if (!refused) this.close();
  }

  override render(): TemplateResult {
    const { campaign, deed } = this;
    const title = campaign ? (deed ? t(`tune.ask_${deed}`, { name: campaign.name }) : t("tune.title", { name: campaign.name })) : "";
    return html`<dialog class="ask" aria-labelledby="tune-title" data-testid="tune-dialog">
      <form class="dialog-body" @submit=${(event: SubmitEvent) => void this.submit(event)}>
        <h2 id="tune-title">${title}</h2>
        ${deed ? html`<p>${t(`tune.means_${deed}`)}</p>` : html`${this.modes()}${fields.map((field) => this.field(field))}${this.why()}${this.summary()}`}
        ${this.refused ? html`<p class="message bad" role="alert" data-testid="tune-refused">${this.refused.sentence}</p>` : nothing}
        <p class="curtain-actions">
          <button class="button primary" type="submit" ?disabled=${this.sending || (!deed && !Object.keys(this.changes).length)} data-testid="tune-confirm">${deed ? t(`tune.do_${deed}`) : t("tune.confirm")}</button>
          <button class="button" type="button" @click=${() => this.close()}>${t("stop.cancel")}</button>
        </p>
      </form>
    </dialog>`;
  }

  private modes(): TemplateResult {
    const choose = (event: Event): void => {
      this.mode = (event.target as HTMLSelectElement).value;
      this.requestUpdate();
    };
    const known = modes.includes(this.mode) || !this.mode ? modes : [this.mode, ...modes];
    return html`<div class="tune-field wide"><label for="tune-mode">${t("tune.mode")}</label>
      <select id="tune-mode" data-testid="tune-mode" aria-invalid=${this.refused?.field === "mode"} .value=${this.mode} @change=${choose}>
        ${known.map((mode) => html`<option value=${mode} ?selected=${mode === this.mode}>${word("mode", mode)}</option>`)}
      </select></div>`;
  }

  private why(): TemplateResult {
    return html`<div class="tune-field wide"><label for="tune-reason">${t("tune.reason")}</label>
      <input id="tune-reason" name="reason" maxlength="500" autocomplete="off" data-testid="tune-reason"></div>`;
  }

  private field(field: Field): TemplateResult {
    const { step, least, most } = steps[field];
    const value = this.wanted?.[field] ?? least;
    const type = (event: Event): void => {
      const typed = (event.target as HTMLInputElement).valueAsNumber;
      if (this.wanted && Number.isFinite(typed)) this.wanted = { ...this.wanted, [field]: typed };
      this.requestUpdate();
    };
    const invalid = this.refused?.field === field;
    return html`<div class="tune-field">
      <label for=${`tune-${field}`}>${t(`tune.${field}`)}</label>
      <button class="icon-button bordered" type="button" aria-label=${t("tune.less", { what: t(`tune.${field}`) })} data-testid=${`tune-${field}-less`} @click=${() => this.step(field, -1)}>−</button>
      <input id=${`tune-${field}`} class="num" type="number" inputmode="decimal" required min=${least} max=${most} step=${step === 5 ? 1 : step} .value=${String(value)} aria-invalid=${invalid} data-testid=${`tune-${field}`} @input=${type}>
      <button class="icon-button bordered" type="button" aria-label=${t("tune.more", { what: t(`tune.${field}`) })} data-testid=${`tune-${field}-more`} @click=${() => this.step(field, 1)}>+</button>
    </div>`;
  }

  private summary(): TemplateResult {
    const { changes, seen, campaign } = this;
    const numbers = fields.filter((field) => changes[field] !== undefined).map((field) => t("tune.change", { what: t(`tune.${field}`), from: shown(field, seen?.[field] ?? 0), to: shown(field, changes[field] ?? 0) }));
    const lines = changes.mode ? [t("tune.change", { what: t("tune.mode"), from: word("mode", campaign?.mode ?? ""), to: word("mode", changes.mode) }), ...numbers] : numbers;
    return html`<p class="quiet" data-testid="tune-summary" role="status">${lines.length ? `${lines.join(" · ")}. ${t("tune.effect")}` : t("tune.nothing")}</p>`;
  }
}

customElements.define("tune-dialog", TuneDialog);
