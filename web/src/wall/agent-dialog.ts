/** What may be done to one agent: write to his desk, send on a break, sign out. Each names who did it. */
import { html, nothing, type TemplateResult } from "lit";
import { boot } from "../boot";
import { get } from "../http";
import { t } from "../i18n";
import type { Quality } from "../phone/quality";
import { WallPart } from "./part";

const MOST = 280;

export class AgentDialog extends WallPart {
  private user = "";
  private name = "";
  private voice: Quality | null = null;

  open(user: string, name: string): void {
    if (!this.wall.may("coach") && !this.wall.may("order")) return;
    this.user = user;
    this.name = name;
    this.voice = null;
    if (this.wall.may("coach")) void this.hear(user);
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector("dialog")?.showModal());
  }

  /** How his telephone sounds; nothing is said of one that was not heard of lately. */
  private async hear(user: string): Promise<void> {
    const answer = await get<{ voice: Quality | null }>(`/agents/${user}/voice`);
    if (!answer.ok || user !== this.user) return;
    this.voice = answer.voice;
    this.requestUpdate();
  }

  private close(): void {
    this.querySelector("dialog")?.close();
  }

  private send(event: SubmitEvent, deed: string, done: string): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const body = Object.fromEntries(new FormData(form));
    void this.wall.order(`/agents/${this.user}/${deed}`, body, done).then((problem) => {
      if (problem) return;
      form.reset();
      this.close();
    });
  }

  override render(): TemplateResult {
    const { wall, name } = this;
    return html`<dialog class="ask agent-dialog" aria-labelledby="agent-dialog-title" data-testid="agent-dialog">
      <div class="dialog-body">
        <h2 id="agent-dialog-title">${name}</h2>
        ${this.voice ? html`<p class="quiet num" data-testid="agent-voice">${t("lead.voice", { loss: this.voice.loss_pct, jitter: this.voice.jitter_ms, rtt: this.voice.rtt_ms })}</p>` : nothing}
        ${wall.may("coach") ? this.message() : nothing} ${wall.may("order") ? this.orders() : nothing}
        <p class="curtain-actions"><button class="button" type="button" @click=${() => this.close()}>${t("keys.close")}</button></p>
      </div>
    </dialog>`;
  }

  private message(): TemplateResult {
    return html`<form @submit=${(event: SubmitEvent) => this.send(event, "message", t("lead.sent", { name: this.name }))}>
      <label class="field"><span>${t("lead.message", { most: MOST })}</span><textarea name="text" required maxlength=${MOST} rows="3" data-testid="message-text"></textarea></label>
      <button class="button primary" type="submit" data-testid="message-send">${t("lead.send")}</button>
    </form>`;
  }

  private train(on: boolean): void {
    const done = t(on ? "lead.training" : "lead.training_over", { name: this.name });
    void this.wall.order(`/agents/${this.user}/training`, { on }, done).then((problem) => !problem && this.close());
  }

  private orders(): TemplateResult {
    return html`<div class="field" role="group" aria-label=${t("lead.train")}><span>${t("lead.train")}</span><p class="curtain-actions">
        <button class="button" type="button" data-testid="train-begin" @click=${() => this.train(true)}>${t("lead.train_begin")}</button>
        <button class="button" type="button" data-testid="train-end" @click=${() => this.train(false)}>${t("lead.train_end")}</button></p></div>
      <form @submit=${(event: SubmitEvent) => this.send(event, "break", t("lead.ordered", { name: this.name }))}>
        <label class="field"><span>${t("lead.order_break")}</span><select name="reason" data-testid="order-reason">${(boot.pause_reasons ?? []).map(({ code, label }) => html`<option value=${code}>${label}</option>`)}</select></label>
        <button class="button" type="submit" data-testid="order-break">${t("lead.order")}</button>
      </form>
      <form @submit=${(event: SubmitEvent) => this.send(event, "sign-out", t("lead.signed_out", { name: this.name }))}>
        <label class="field"><span>${t("lead.why")}</span><input name="why" required minlength="3" maxlength=${MOST} autocomplete="off" data-testid="order-why"></label>
        <button class="button" type="submit" data-testid="order-out">${t("lead.sign_out")}</button>
      </form>`;
  }
}

customElements.define("agent-dialog", AgentDialog);
