/** The draft of the call in hand, from its beginning to its end; the desk's model asks and tells it. */
import type { Draft } from "../cards";
import { get, type Answer } from "../http";
import { t } from "../i18n";
import { Autosave, adopt, forgetDraft, isPractice, keepDraft, newDraft, recallDraft, reconcile, type StoredDraft } from "./draft";
import type { DeskModel } from "./model";

export type SavedMark = "none" | "waiting" | "saved" | "refused";

type Body = Record<string, unknown>;

export class Drafting {
  draft: Draft | null = null;
  saved: SavedMark = "none";
  /** The outcome as it was sent last. */
  private outcome: Body | null = null;
  /** Something was put in after the outcome was last sent. */
  dirty = false;
  private unread = false;
  private readonly autosave = new Autosave(() => this.save());

  constructor(private readonly desk: DeskModel) {}

  /** A new call: its draft from this machine at once, then made one with the server's. */
  begin(call: string): void {
    this.draft = recallDraft(call) ?? newDraft(call);
    this.saved = this.draft.leaf ? "waiting" : "none";
    void this.read();
  }

  /** Asks the server for its draft; asked again when the line is back, until there was an answer. */
  async read(): Promise<void> {
    const call = this.draft?.call;
    if (!call) return;
    this.unread = true;
    const answer = await get<{ draft: StoredDraft | null }>("/desk/draft");
    if (!answer.ok || this.draft?.call !== call || this.desk.correcting) return;
    this.unread = false;
    this.take(answer.draft?.call === call ? answer.draft : null);
  }

  readAgain(): void {
    if (this.unread) void this.read();
  }

  private take(stored: StoredDraft | null): void {
    if (!this.draft) return;
    const draft = (this.draft = reconcile(this.draft, stored));
    keepDraft(draft);
    // What was sent from here meanwhile is newer than this answer.
    if (!this.outcome) this.saved = draft.leaf && stored?.saved === draft.leaf ? "saved" : "none";
    if (draft.leaf && this.saved === "none") this.desk.resume();
    if (draft.edits > draft.sent) {
      this.dirty = true;
      this.save();
    }
    this.desk.changed();
  }

  amend(part: Partial<Draft>): void {
    if (!this.draft) return;
    this.draft = { ...this.draft, ...part, edits: this.draft.edits + 1 };
    if (this.desk.correcting) return;
    this.dirty = true;
    keepDraft(this.draft);
    this.autosave.touch();
  }

  /** In wrap-up the outcome itself is renewed: the deadline may finish the call without us. */
  private save(): void {
    if (!this.draft) return;
    if (this.desk.wrapping && this.saved === "saved" && this.desk.saveOutcome()) return;
    this.desk.outbox.put("/desk/draft", { ...this.draft }, "draft");
  }

  sendOutcome(body: Body): void {
    this.saved = "waiting";
    this.dirty = false;
    this.outcome = body;
    this.desk.outbox.put("/desk/outcome", body, "outcome");
  }

  settled(path: string, body: Body, answer: Answer): void {
    if (!this.draft || body["call"] !== this.draft.call) return;
    if (path === "/desk/outcome") this.saved = answer.ok ? "saved" : "refused";
    if (path !== "/desk/draft" || !answer.ok) return;
    const { version, draft: stored } = answer as unknown as { version: number; draft: StoredDraft | null };
    const sent = body as unknown as Draft;
    this.draft = { ...this.draft, seen: version, sent: Math.max(this.draft.sent, sent.edits) };
    if (stored) {
      this.draft = adopt(this.draft, sent, stored);
      this.dirty = true;
      this.autosave.touch();
      this.desk.tell(t("draft.joined"));
    }
    keepDraft(this.draft);
  }

  /** The call is over for us: what was typed last is sent, and nothing of it stays on this machine. */
  leave(): void {
    this.autosave.cancel();
    const { draft, outcome } = this;
    if (draft && this.dirty && !isPractice(draft.call)) {
      const { note, ticked, fields } = draft;
      if (outcome && this.saved === "saved") this.desk.outbox.put("/desk/outcome", { ...outcome, note, ticked, fields }, "outcome");
      else this.desk.outbox.put("/desk/draft", { ...draft }, "draft");
    }
    forgetDraft();
    this.draft = this.outcome = null;
    this.dirty = this.unread = false;
    this.saved = "none";
  }
}
