/** The chosen call scored, and what was noted of its agent's work before. For whoever may coach him. */
import { html, nothing, type TemplateResult } from "lit";
import { boot } from "../boot";
import { day } from "../format";
import { get } from "../http";
import { t, word } from "../i18n";
import { MonitorPart } from "./part";

interface Note {
  id: string;
  by: string;
  noted_at: string;
  text: string;
  score_pct: number | null;
  follow_up_on: string | null;
}

const SCORES = [0, 1, 2, 3, 4];
const MOST = 1000;

export class ScoreCard extends MonitorPart {
  private notes: Note[] = [];
  private of = "";

  protected override updated(): void {
    const user = this.monitor.chosen?.user ?? "";
    if (user === this.of) return;
    this.of = user;
    this.notes = [];
    void this.read();
  }

  private async read(): Promise<void> {
    const user = this.of;
    const answer = user ? await get<{ notes: Note[] }>(`/monitor/${user}/notes`) : null;
    if (!answer?.ok || user !== this.of) return;
    this.notes = answer.notes;
    this.requestUpdate();
  }

  private readonly save = (event: SubmitEvent): void => {
    event.preventDefault();
    const { chosen } = this.monitor;
    const form = event.target as HTMLFormElement;
    if (!chosen) return;
    const typed = new FormData(form);
    const value = (name: string): string => (typed.get(name) as string | null) ?? "";
    const given = this.criteria.filter((name) => value(name) !== "");
    const scores = Object.fromEntries(given.map((name) => [name, Number(value(name))]));
    const body = { call: chosen.call, text: value("text"), scores, follow_up_on: value("follow_up_on") };
    void this.monitor.order(`/monitor/${chosen.user}/notes`, body, t("coaching.saved")).then((problem) => {
      if (problem) return;
      form.reset();
      void this.read();
    });
  };

  private get criteria(): string[] {
    return boot.monitor?.criteria ?? [];
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.monitor.may("coach")) return nothing;
    return html`<form class="pane-part score-card" data-testid="score-card" @submit=${this.save}>
      <h3>${t("coaching.title")}</h3>
      <div class="scores">${this.criteria.map((name) => html`<label><span>${word("criterion", name)}</span><select name=${name} data-testid=${`score-${name}`}><option value="">–</option>${SCORES.map((n) => html`<option value=${n}>${n}</option>`)}</select></label>`)}</div>
      <textarea name="text" rows="2" maxlength=${MOST} aria-label=${t("coaching.text")} placeholder=${t("coaching.text")} data-testid="score-text"></textarea>
      <p class="score-foot"><label>${t("coaching.follow_up")} <input type="date" name="follow_up_on" data-testid="score-day"></label><button class="button" type="submit" data-testid="score-save">${t("coaching.save")}</button></p>
      ${this.notes.length ? html`<ul class="pane-story" data-testid="notes">${this.notes.map((note) => this.row(note))}</ul>` : html`<p class="quiet">${t("coaching.none")}</p>`}
    </form>`;
  }

  private row({ noted_at: at, by, score_pct: score, text, follow_up_on: again }: Note): TemplateResult {
    return html`<li data-score=${score ?? ""}><span class="num quiet">${day(at, true)}</span> ${score === null ? nothing : html`<b class="num">${score} %</b>`} ${text} <span class="quiet">· ${by}${again ? ` · ${t("coaching.again", { day: day(again, true) })}` : ""}</span></li>`;
  }
}

customElements.define("score-card", ScoreCard);
