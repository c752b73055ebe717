/** Templates of notes: Alt+Q and a digit puts one into the note, filled with what is known of the call. */
import { get } from "../http";
import { t } from "../i18n";
import { ChoiceMenu, type Choice } from "./choice-menu";

export interface Template {
  code: string;
  label: string;
  text: string;
}

/** Stands where the agent has to write himself. */
const OPEN = "…";

export class NoteMenu extends ChoiceMenu {
  protected readonly name = "template";
  private offered: Template[] = [];
  private of: string | null = null;

  override toggle(): void {
    if (this.desk.withOther || !this.desk.engaged) return;
    if (this.shown || this.of === this.desk.callId) super.toggle();
    else void this.fetch();
  }

  private async fetch(): Promise<void> {
    const call = this.desk.callId;
    const answer = await get<{ templates: Template[] }>("/desk/templates");
    if (call !== this.desk.callId) return;
    if (!answer.ok) return this.desk.tell(answer.problem.sentence);
    this.offered = answer.templates;
    this.of = this.offered.length ? call : null;
    super.toggle();
  }

  protected get heading(): string {
    return this.offered.length ? t("note.templates") : t("note.no_templates");
  }

  protected get choices(): Choice[] {
    return this.offered.slice(0, 9).map(({ code, label }, i) => ({ code, letter: String(i + 1), word: label }));
  }

  /** Behind what is written already; the cursor goes to the first gap. */
  protected choose(code: string): void {
    const text = this.offered.find((one) => one.code === code)?.text ?? "";
    const written = this.desk.draft?.note.trimEnd() ?? "";
    const note = [written, text].filter(Boolean).join("\n");
    this.desk.amend({ note });
    void this.updateComplete.then(() => this.dispatchEvent(new CustomEvent("note-filled", { bubbles: true, detail: note.indexOf(OPEN, written.length) })));
  }
}

customElements.define("note-menu", NoteMenu);
