/**
 * The look at the headset before the first Ready: which microphone, which loudspeaker, is it heard.
 *
 * It answers PASSED as soon as the agent was heard and says so; put away, the desk stays as it was.
 */
import { html, nothing, type TemplateResult } from "lit";
import { t, type Key } from "../i18n";
import { icon } from "../icons";
import type { Device } from "../phone/microphone";
import type { PagePhone } from "../phone/page-phone";
import { DeskPart } from "./part";

const LOOK_MS = 60;
/** Of full scale: heard. */
const HEARD = 0.02;
const FULL = 0.25;

export class PhoneCheck extends DeskPart {
  phone: PagePhone | null = null;
  private answer: ((heard: boolean | null) => void) | null = null;
  private mics: Device[] = [];
  private speakers: Device[] = [];
  private heard = false;
  private fault = false;
  private passed = false;
  private timer: number | undefined;

  /** Whether the agent was heard; null when he put it away. Asked again, a live microphone is enough. */
  check = (): Promise<boolean | null> => {
    if (this.passed && this.phone?.microphone.live) return Promise.resolve(true);
    return this.show();
  };

  /** The same look, because the agent wants to choose devices. */
  show(): Promise<boolean | null> {
    this.heard = this.fault = false;
    this.requestUpdate();
    void this.updateComplete.then(() => {
      this.querySelector("dialog")?.showModal();
      void this.listen();
    });
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  private async listen(): Promise<void> {
    try {
      await this.phone?.start();
      this.mics = (await this.phone?.microphone.devices("audioinput")) ?? [];
      this.speakers = (await this.phone?.microphone.devices("audiooutput")) ?? [];
      this.fault = false;
    } catch {
      this.fault = true;
    }
    this.requestUpdate();
    clearInterval(this.timer);
    if (!this.fault) this.timer = setInterval(() => void this.measure(), LOOK_MS);
  }

  private async measure(): Promise<void> {
    const level = (await this.phone?.microphone.level().catch(() => 0)) ?? 0;
    const meter = this.querySelector("meter");
    if (meter) meter.value = Math.min(1, level / FULL);
    if (level > HEARD && !this.heard) {
      this.heard = true;
      this.requestUpdate();
      void this.updateComplete.then(() => this.goOn());
    }
  }

  /** Enter goes on from here, unless he is choosing a device. */
  private goOn(): void {
    if (this.querySelector("select:focus")) return;
    this.querySelector<HTMLElement>("[data-testid=phone-check-go]")?.focus();
  }

  private close(result: boolean | null): void {
    clearInterval(this.timer);
    this.phone?.microphone.quiet();
    if (result) this.passed = true;
    this.answer?.(result);
    this.answer = null;
    this.querySelector("dialog")?.close();
  }

  private chooseMic = (event: Event): void => {
    this.heard = false;
    void this.phone?.chooseMic((event.target as HTMLSelectElement).value).then(() => this.listen());
  };

  private chooseSpeaker = (event: Event): void => {
    void this.phone?.listenAt((event.target as HTMLSelectElement).value);
  };

  override render(): TemplateResult | typeof nothing {
    if (!this.phone) return nothing;
    return html`<dialog class="ask phone-check" aria-labelledby="phone-check-title" data-testid="phone-check" data-heard=${this.heard} @close=${() => this.close(null)}>
      <div class="dialog-body">
        <h2 id="phone-check-title">${t("phone.check")}</h2>
        ${this.fault ? this.refused() : this.meter()}
        <p class="curtain-actions">
          <button class="button primary" type="button" autofocus data-testid="phone-check-go" ?disabled=${!this.heard} @click=${() => this.close(true)}>${t("phone.go")}</button>
          <button class="button" type="button" data-testid="phone-check-close" @click=${() => this.close(null)}>${t("keys.close")}</button>
        </p>
      </div>
    </dialog>`;
  }

  private refused(): TemplateResult {
    return html`<p class="warn-text" role="alert" data-testid="phone-check-fault">${icon("warn")}${t("phone.refused")}</p>
      <p><button class="button" type="button" @click=${() => void this.listen()}>${t("phone.again")}</button></p>`;
  }

  private meter(): TemplateResult {
    const { microphone } = this.phone!;
    return html`<p class="lead" role="status">${t(this.heard ? "phone.heard" : "phone.speak")}</p>
      <label class="field"><span>${t("phone.level")}</span><meter min="0" max="1" data-testid="phone-level"></meter></label>
      ${this.choice("phone.mic", "phone-mic", this.mics, microphone.mic, this.chooseMic)}
      ${this.choice("phone.speaker", "phone-speaker", this.speakers, microphone.speaker, this.chooseSpeaker)}`;
  }

  private choice(label: Key, testid: string, devices: Device[], chosen: string, choose: (event: Event) => void): TemplateResult | typeof nothing {
    if (!devices.length) return nothing;
    return html`<label class="field"><span>${t(label)}</span><select data-testid=${testid} @change=${choose}>
      ${devices.map(({ id, label: name }) => html`<option value=${id} ?selected=${id === chosen}>${name}</option>`)}
    </select></label>`;
  }
}

customElements.define("phone-check", PhoneCheck);
