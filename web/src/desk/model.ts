/**
 * The desk as one object: what the server said, what the agent has put in, what may be done now.
 *
 * Parts draw from it and call its verbs; it draws nothing. The server decides every state and deadline:
 * here is only the draft of the call in hand, and which form is open.
 */
import { boot } from "../boot";
import type {
  AgentCard,
  AgentStatus,
  CallCard,
  Draft,
  Leaf,
  PromiseInput,
  QuickOutcome,
  ScreenPop,
  Script,
  StatsCard,
} from "../cards";
import { Outbox, get, post, type Problem } from "../http";
import { t } from "../i18n";
import type { Link } from "../socket";
import type { ServerClock } from "../server-clock";
import type { Store } from "../store";
import { forgetDraft, keepDraft, newDraft, recallDraft } from "./draft";
import { missingFor, type Missing } from "./missing";
import { formFor, outcomeBody, type Form } from "./outcome";
import { isThirdParty } from "./third-party";

export type DeskState =
  | "LOADING"
  | "NOT_READY"
  | "READY"
  | "PAUSED"
  | "RESERVED"
  | "DIALING"
  | "IN_CALL"
  | "HELD"
  | "WRAP_UP"
  | "WRAP_OVER"
  | "REVIEW"
  | "DISCONNECTED"
  | "ENDED";

export type SavedMark = "none" | "waiting" | "saved" | "refused";

/** The call just finished: enough to correct it, and nothing of it is drawn until asked for. */
export interface LastOutcome {
  label: string;
  at: number;
  draft: Draft;
  screen: ScreenPop | null;
}

const CORRECT_MS = 300_000;
const DRAFT_MS = 900;
const NOTICE_MS = 3000;

export class DeskModel {
  readonly channel = `agent:${boot.user.id}`;
  private readonly watchers = new Set<() => void>();
  readonly outbox: Outbox;
  link: Link = { state: "connecting", stale: false, attempt: 0, lostAt: null, code: null, rttMs: null };
  draft: Draft | null = null;
  saved: SavedMark = "none";
  form: Form = null;
  problem: Problem | null = null;
  notice: string | null = null;
  /** Key facts of payments and promises that came during the call: when the newer version was seen. */
  updatedAt: number | null = null;
  last: LastOutcome | null = null;
  correcting = false;
  quick: QuickOutcome[] = [];
  hangupArmed = false;
  /** Somebody else picked up, and then handed the phone over. */
  customerBack = false;
  busy: string | null = null;
  waiting = 0;
  private draftTimer: number | undefined;
  /** Something was put in after the outcome was last saved. */
  private dirty = false;
  private moneySeen: string | null = null;
  private noticeTimer: number | undefined;

  constructor(
    readonly store: Store,
    readonly clock: ServerClock,
  ) {
    this.outbox = new Outbox(
      "paceline.outbox",
      ({ path, body }, answer) => this.settled(path, body, answer.ok ? null : answer.problem),
      (waiting, late) => this.counted(waiting, late),
    );
    store.subscribe((changes) => {
      if (changes.some(({ channel }) => channel === this.channel)) this.heard();
    });
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  // What the server said -------------------------------------------------------------------------

  get agent(): AgentCard | null {
    return this.store.get<AgentCard>(this.channel, "agent");
  }

  get call(): CallCard | null {
    return this.store.get<CallCard>(this.channel, "call");
  }

  get stats(): StatsCard | null {
    return this.store.get<StatsCard>(this.channel, "stats");
  }

  /** The screen of the call in hand. An idle agent has none, unless one arrived after becoming idle. */
  get screen(): ScreenPop | null {
    const agent = this.agent;
    if (!agent) return null;
    if (agent.call) return this.store.get<ScreenPop>(this.channel, `screen:${agent.call}`);
    if (agent.state !== "IDLE") return null;
    let newest: ScreenPop | null = null;
    for (const [, screen] of this.store.matching<ScreenPop>("screen:", this.channel)) {
      const at = screen.call.assigned_at;
      if (at >= agent.since && at > (newest?.call.assigned_at ?? 0)) newest = screen;
    }
    return newest;
  }

  /** What the server last said, whatever the line is like now. */
  get known(): DeskState {
    const agent = this.agent;
    if (!agent) return "LOADING";
    if (agent.state !== "IDLE") return agent.state;
    if (this.screen) return "RESERVED";
    if (agent.status === "READY") return "READY";
    return agent.status === "PAUSED" ? "PAUSED" : "NOT_READY";
  }

  get state(): DeskState {
    if (this.link.state === "ended") return "ENDED";
    if (this.link.state === "lost") return "DISCONNECTED";
    return this.known;
  }

  /** A person is, or was just, on the line. */
  get engaged(): boolean {
    return ["RESERVED", "DIALING", "IN_CALL", "HELD", "WRAP_UP", "WRAP_OVER", "REVIEW"].includes(this.known);
  }

  get talking(): boolean {
    return this.known === "IN_CALL" || this.known === "HELD";
  }

  get wrapping(): boolean {
    return this.known === "WRAP_UP" || this.known === "WRAP_OVER";
  }

  get callId(): string | null {
    return this.screen?.call.id ?? this.agent?.call ?? null;
  }

  /** Wire positions of a screen, for the receipt of its painting. */
  offsetOf(call: string): number | null {
    return this.store.offsetOf(this.channel, `screen:${call}`);
  }

  private heard(): void {
    const call = this.engaged ? this.callId : null;
    if (call && this.draft?.call !== call) this.begin(call);
    if (!call && this.draft && !this.correcting) this.leave();
    if (this.screen?.outcomes.length) this.quick = this.screen.outcomes;
    if (call) this.compareMoney();
    this.changed();
  }

  /** A payment or promise that came in while we talk is marked with the time it was seen. */
  private compareMoney(): void {
    const { screen } = this;
    if (!screen || screen.late) return;
    const now = JSON.stringify([screen.cards.payments, screen.cards.promises]);
    if (this.moneySeen && this.moneySeen !== now) this.updatedAt = this.clock.now();
    this.moneySeen = now;
  }

  /** A new call: its draft, from this machine if it knows one, else from the server. */
  private begin(call: string): void {
    const held = recallDraft(call);
    this.draft = held ?? newDraft(call);
    this.saved = held?.leaf ? "saved" : "none";
    this.form = this.problem = null;
    this.correcting = this.hangupArmed = this.customerBack = false;
    this.updatedAt = this.moneySeen = null;
    if (!held) void this.fetchDraft(call);
  }

  private async fetchDraft(call: string): Promise<void> {
    const answer = await get<{ draft: Draft | null }>("/desk/draft");
    if (!answer.ok || answer.draft?.call !== call || this.draft?.call !== call) return;
    if (this.draft.note || this.draft.leaf) return;
    this.draft = { ...newDraft(call), ...answer.draft };
    this.saved = this.draft.leaf ? "saved" : "none";
    this.changed();
  }

  /** The call is over for us: nothing of its customer stays on the page or on this machine. */
  private leave(): void {
    clearTimeout(this.draftTimer);
    if (this.dirty) this.saveDraft();
    this.dirty = false;
    forgetDraft();
    this.draft = null;
    this.saved = "none";
    this.form = this.problem = null;
    this.updatedAt = this.moneySeen = null;
  }

  // Line and queue -------------------------------------------------------------------------------

  relink(link: Link): void {
    const back = this.link.state === "lost" && link.state === "live";
    this.link = link;
    if (link.state === "live") this.outbox.hurry();
    if (back && !this.outbox.size) this.tell(t("link.back"));
    this.changed();
  }

  private counted(waiting: number, late: number): void {
    this.waiting = waiting;
    if (late) this.tell(t("link.back_sent", { count: late }));
    this.changed();
  }

  tell(sentence: string): void {
    this.notice = sentence;
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => {
      this.notice = null;
      this.changed();
    }, NOTICE_MS);
    this.changed();
  }

  private settled(path: string, body: Record<string, unknown>, problem: Problem | null): void {
    if (path === "/desk/outcome" && body["call"] === this.draft?.call) {
      this.saved = problem ? "refused" : "saved";
    }
    if (problem && path !== "/desk/draft") this.problem = problem;
    if (!problem && path === "/desk/correct") this.tell(t("outcome.corrected"));
    this.changed();
  }

  // The draft ------------------------------------------------------------------------------------

  amend(part: Partial<Draft>): void {
    if (!this.draft) return;
    this.draft = { ...this.draft, ...part };
    if (this.correcting) return this.changed();
    this.dirty = true;
    keepDraft(this.draft);
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.saveDraft(), DRAFT_MS);
    this.changed();
  }

  /** In wrap-up the outcome itself is renewed: the deadline may finish the call without us. */
  private saveDraft(): void {
    if (!this.draft) return;
    if (this.wrapping && this.saved === "saved" && this.saveOutcome()) return;
    this.outbox.put("/desk/draft", { ...this.draft }, "draft");
  }

  tick(code: string, on: boolean): void {
    if (!this.draft) return;
    const others = this.draft.ticked.filter((ticked) => ticked !== code);
    this.amend({ ticked: on ? [...others, code] : others });
    // A tick may have been the last thing an outcome was waiting for.
    if (this.draft.leaf && !this.missing.length) this.submitForm();
  }

  /** The screen that forms are filled from: of the call in hand, or of the one being corrected. */
  get facts(): ScreenPop | null {
    return this.correcting ? (this.last?.screen ?? null) : this.screen;
  }

  leafOf(code: string | null | undefined): Leaf | null {
    const { facts } = this;
    if (!code || !facts) return null;
    const found = [...facts.outcomes, ...facts.tree].find((leaf) => leaf.leaf === code);
    return found ? { ...found, label: found.label || (found.path.at(-1) ?? "") } : null;
  }

  get chosen(): Leaf | null {
    return this.leafOf(this.draft?.leaf);
  }

  /** Somebody else is on the line: nothing of the debt is shown, from the key press on. */
  get withOther(): boolean {
    return isThirdParty(this.chosen) && !this.customerBack;
  }

  customerIsBack = (): void => {
    this.customerBack = true;
    this.changed();
  };

  /** The script of whoever is on the line. */
  get script(): Script | null {
    const { facts } = this;
    return (this.withOther ? facts?.third_party?.script : facts?.script) ?? null;
  }

  say(step: number, on: boolean): void {
    const code = this.script?.code;
    if (!this.draft || !code) return;
    const others = (this.draft.said[code] ?? []).filter((said) => said !== step);
    const steps = on ? [...others, step].sort((a, b) => a - b) : others;
    this.amend({ said: { ...this.draft.said, [code]: steps } });
  }

  private outcomeOf(draft: Draft, leaf: Leaf): Record<string, unknown> {
    const { script } = this;
    const said = script && { version: script.version, code: script.code, steps: draft.said[script.code] ?? [] };
    return { ...outcomeBody(draft, leaf), script: said };
  }

  /** What still has to be put in before the chosen outcome can be saved. */
  get missing(): Missing[] {
    return missingFor(this.chosen, this.draft, this.facts);
  }

  choose(code: string): void {
    if (!this.draft || !(this.engaged || this.correcting)) return;
    const leaf = this.leafOf(code);
    if (!leaf) return;
    const same = this.draft.leaf === code;
    this.problem = null;
    this.form = formFor(leaf);
    this.customerBack = false;
    const promise = this.draft.promise ?? (leaf.needs.includes("promise") ? this.promisePreset : null);
    this.saved = same ? this.saved : "none";
    this.amend({ leaf: code, promise });
    if (!this.form && !this.missing.length) this.saveOutcome();
  }

  private get promisePreset(): PromiseInput | null {
    const preset = this.facts?.presets.promise;
    return preset ? { ...preset, method: preset.method ?? "" } : null;
  }

  saveOutcome(): boolean {
    const { draft, chosen } = this;
    if (!draft || !chosen || this.missing.length) return false;
    if (this.correcting) return this.sendCorrection(draft, chosen);
    this.saved = "waiting";
    this.dirty = false;
    this.problem = null;
    this.outbox.put("/desk/outcome", this.outcomeOf(draft, chosen), "outcome");
    this.changed();
    return true;
  }

  /** Saves what is put in and closes the form. False when something is missing; the page says what. */
  submitForm(): boolean {
    if (!this.saveOutcome()) {
      this.changed();
      return false;
    }
    this.form = null;
    this.changed();
    return true;
  }

  open(form: Form): void {
    if (!this.draft) return;
    this.form = this.form === form ? null : form;
    this.changed();
  }

  closeForm(): void {
    this.form = null;
    if (this.correcting) this.endCorrection();
    this.changed();
  }

  /** Save and next. In a call it saves; in wrap-up it also finishes. */
  finish(): Missing[] {
    const { draft } = this;
    if (!draft || this.correcting) return [];
    if (this.missing.length) {
      this.form = this.chosen ? formFor(this.chosen) : null;
      this.changed();
      return this.missing;
    }
    if (this.saved !== "saved" || this.form || this.dirty) this.submitForm();
    if (this.wrapping) {
      this.remember(draft);
      this.outbox.put("/desk/finish", { call: draft.call });
    }
    this.changed();
    return [];
  }

  private remember(draft: Draft): void {
    const leaf = this.leafOf(draft.leaf);
    if (leaf) this.last = { label: leaf.label, at: this.clock.now(), draft, screen: this.screen };
  }

  /** The last call's outcome while it can still be corrected; forgotten afterwards. */
  get correctable(): LastOutcome | null {
    if (this.last && this.clock.now() - this.last.at > CORRECT_MS && !this.correcting) this.last = null;
    return this.last;
  }

  /** Opens the last call's outcome again: the tree first, then the form of what is chosen. */
  startCorrection(): void {
    if (!this.last || this.engaged) return;
    this.draft = { ...this.last.draft, leaf: null };
    this.correcting = true;
    this.form = null;
    this.saved = "none";
    this.changed();
  }

  private sendCorrection(draft: Draft, leaf: Leaf): boolean {
    this.outbox.put("/desk/correct", this.outcomeOf(draft, leaf));
    if (this.last) this.last = { ...this.last, label: leaf.label, draft };
    this.endCorrection();
    return true;
  }

  private endCorrection(): void {
    this.correcting = false;
    this.draft = this.form = null;
    this.changed();
  }

  // Orders ---------------------------------------------------------------------------------------

  private async order(name: string, path: string, body: Record<string, unknown> = {}): Promise<boolean> {
    this.busy = name;
    this.problem = null;
    this.changed();
    const answer = await post(path, body);
    this.busy = null;
    if (!answer.ok) this.problem = answer.problem;
    this.changed();
    return answer.ok;
  }

  ready = (): Promise<boolean> => this.order("ready", "/desk/ready");
  pause = (reason: string): Promise<boolean> => this.order("pause", "/desk/pause", { reason });
  cancelPending = (): Promise<boolean> => this.order("cancel", "/desk/cancel-pending");
  extend = (): Promise<boolean> => this.order("extend", "/desk/extend");
  mute = (): Promise<boolean> => this.order("mute", "/desk/mute", { on: !this.agent?.muted });
  hold = (): Promise<boolean> => this.order("hold", "/desk/hold", { on: this.known !== "HELD" });

  /** Twice within 1.5 s, so that a slip does not end a call. */
  hangUp(): void {
    if (!this.talking) return;
    if (!this.hangupArmed) {
      this.hangupArmed = true;
      setTimeout(() => {
        this.hangupArmed = false;
        this.changed();
      }, 1500);
      this.changed();
      return;
    }
    this.hangupArmed = false;
    void this.order("hangup", "/desk/hangup", { call: this.callId });
  }

  get pending(): { status: AgentStatus; reason: string | null } | null {
    return this.agent?.pending ?? null;
  }
}
