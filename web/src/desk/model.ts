/**
 * The desk as one object: what the server said, what the agent has put in, what may be done now.
 *
 * Parts draw from it and call its verbs; it draws nothing. The server decides every state and deadline:
 * here is only the draft of the call in hand, and which form is open.
 */
import { boot } from "../boot";
import type { Draft, Leaf, PromiseInput, QuickOutcome, ReminderCard, Script } from "../cards";
import { Outbox, get, post, type Answer, type Problem } from "../http";
import { t } from "../i18n";
import { outboxName, sweep } from "../kept";
import type { PagePhone } from "../phone/page-phone";
import type { Link } from "../socket";
import type { ServerClock } from "../server-clock";
import type { Store } from "../store";
import { Asks } from "./asks";
import { Choosing } from "./choosing";
import { isPractice, newDraft } from "./draft";
import { Drafting, type SavedMark } from "./drafting";
import { Heard } from "./heard";
import { checkHeadset, type HeadsetResult } from "./headset";
import { Practice } from "./practice";
import { missingFor, type Missing } from "./missing";
import { flat, formFor, outcomeBody, type Form, type FormFacts, type Outcomes } from "./outcome";
import { isThirdParty } from "./third-party";

/** The call just finished: enough to correct it, and nothing of it is drawn until asked for. */
export interface LastOutcome {
  label: string;
  at: number;
  draft: Draft;
  screen: FormFacts | null;
}

const CORRECT_MS = 300_000;
const NOTICE_MS = 3000;

export class DeskModel extends Heard {
  private readonly watchers = new Set<() => void>();
  readonly outbox: Outbox;
  readonly asks = new Asks(this);
  readonly choosing = new Choosing(this);
  private readonly drafting = new Drafting(this);
  readonly practice: Practice;
  form: Form = null;
  problem: Problem | null = null;
  notice: string | null = null;
  /** Key facts of payments and promises that came during the call: when the newer version was seen. */
  updatedAt: number | null = null;
  last: LastOutcome | null = null;
  /** The outcome of the call in hand as it was sent last. */
  private sent: LastOutcome | null = null;
  correcting = false;
  private asked = false;
  quick: QuickOutcome[] = flat({ barred: {}, bars: {} }).quick;
  hangupArmed = false;
  /** Somebody else picked up, and then handed the phone over. */
  customerBack = false;
  /** What the last look for a headset found. */
  headset: HeadsetResult | null = boot.softphone ? null : "NOT_REQUIRED";
  /** The telephone in this page, once it is loaded. */
  phone: PagePhone | null = null;
  busy: string | null = null;
  waiting = 0;
  /** The line was lost and is back: to be said once all that waited is sent. */
  private returned = false;
  private unfolded: { of: FormFacts; outcomes: Outcomes } | null = null;
  private sentLate = 0;
  private moneySeen: string | null = null;
  private noticeTimer: number | undefined;

  constructor(
    store: Store,
    readonly clock: ServerClock,
  ) {
    super(store);
    sweep(boot.user.id);
    this.outbox = new Outbox(
      outboxName(boot.user.id),
      ({ path, body }, answer) => this.settled(path, body, answer),
      (waiting, late) => this.counted(waiting, late),
    );
    this.practice = new Practice(this);
    this.stage.subscribe(() => this.heard());
    store.subscribe((changes) => {
      const own = changes.filter(({ channel }) => channel === this.channel);
      const turned = own.find(({ key }) => key === "training");
      if (turned) this.training = turned.value !== null;
      if (own.length) this.practice.follow();
      if (own.length) this.heard();
      else this.changed();
    });
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  private heard(): void {
    const call = this.engaged ? this.callId : null;
    if (call && this.draft?.call !== call) this.begin(call);
    if (!call && this.draft && !this.correcting) this.leave();
    if (this.looking && this.correcting) this.endCorrection();
    this.choosing.follow();
    if (this.screen) this.quick = this.outcomesOf(this.screen).quick;
    if (call) this.compareMoney();
    if (!call && this.agent && !this.asked && !this.practising) void this.recallLast();
    this.changed();
  }

  /** A page that was loaded anew asks what was recorded last: it can be corrected for a while. */
  private async recallLast(): Promise<void> {
    this.asked = true;
    const answer = await get<{ last: (FormFacts & { label: string; at: number; draft: Partial<Draft> & { call: string } }) | null }>("/desk/last");
    if (!answer.ok || !answer.last || this.last) return;
    const { label, at, draft, ...screen } = answer.last;
    this.last = { label, at, draft: { ...newDraft(draft.call), ...draft }, screen };
    this.changed();
  }

  /** Training is over: nothing of it can be corrected. */
  forgetPractice(): void {
    if (this.correcting) this.endCorrection();
    if (this.last && isPractice(this.last.draft.call)) this.last = null;
  }

  /** A payment or promise that came in while we talk is marked with the time it was seen. */
  private compareMoney(): void {
    const { screen } = this;
    if (!screen || screen.late) return;
    const now = JSON.stringify([screen.cards.payments, screen.cards.promises]);
    if (this.moneySeen && this.moneySeen !== now) this.updatedAt = this.clock.now();
    this.moneySeen = now;
  }

  private begin(call: string): void {
    if (this.draft) this.leave();
    this.drafting.begin(call);
    this.form = this.problem = null;
    this.correcting = this.hangupArmed = this.customerBack = false;
    this.updatedAt = this.moneySeen = null;
  }

  /** The call is over for us: nothing of its customer stays on the page or on this machine. */
  private leave(): void {
    const { draft, saved } = this;
    const told = saved === "saved" || saved === "waiting"; // an answer may come after the news that the call is over
    if (draft && told && this.sent?.draft.call === draft.call) this.last = { ...this.sent, at: this.clock.now(), draft };
    else this.asked = false; // somebody else may have recorded one: asked again
    this.drafting.leave();
    this.sent = null;
    this.form = this.problem = null;
    this.updatedAt = this.moneySeen = null;
  }

  // Line and queue -------------------------------------------------------------------------------

  relink(link: Link): void {
    if (this.link.state === "lost" && link.state === "live") this.returned = true;
    this.link = link;
    if (link.state === "live") {
      this.outbox.hurry();
      this.drafting.readAgain();
      if (!this.outbox.size) this.sayBack();
    }
    this.changed();
  }

  private counted(waiting: number, late: number): void {
    this.waiting = waiting;
    this.sentLate += late;
    if (!waiting && this.link.state === "live") this.sayBack();
    this.changed();
  }

  /** Once the line is back and nothing waits: that, and how much was sent late. */
  private sayBack(): void {
    if (this.sentLate) this.tell(t("link.back_sent", { count: this.sentLate }));
    else if (this.returned) this.tell(t("link.back"));
    this.returned = false;
    this.sentLate = 0;
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

  private settled(path: string, body: Record<string, unknown>, answer: Answer): void {
    this.drafting.settled(path, body, answer);
    if (answer.ok) {
      if (path === "/desk/correct") this.tell(t("outcome.corrected"));
    } else if (answer.problem.code === "OUTCOME_RECORDED" && body["call"] !== this.draft?.call) {
      this.tell(t("draft.too_late"));
    } else if (path !== "/desk/draft") this.problem = answer.problem;
    this.changed();
  }

  // The draft ------------------------------------------------------------------------------------

  /** Those of the inbox that are not put off. */
  get reminders(): ReminderCard[] {
    const now = this.clock.now();
    return this.inbox.filter(({ snoozed }) => snoozed === null || snoozed <= now);
  }

  get draft(): Draft | null {
    return this.drafting.draft;
  }

  get saved(): SavedMark {
    return this.drafting.saved;
  }

  amend(part: Partial<Draft>): void {
    this.drafting.amend(part);
    this.changed();
  }

  /** An outcome that was chosen before a reload and is not saved: sent, or its form opened again. */
  resume(): void {
    const { chosen } = this;
    this.form = chosen ? formFor(chosen) : null;
    if (chosen && !this.form) this.saveOutcome();
  }

  tick(code: string, on: boolean): void {
    if (!this.draft) return;
    const others = this.draft.ticked.filter((ticked) => ticked !== code);
    this.amend({ ticked: on ? [...others, code] : others });
    // A tick may have been the last thing an outcome was waiting for.
    if (this.draft.leaf && !this.missing.length) this.submitForm();
  }

  /** The screen that forms are filled from: of the call in hand, or of the one being corrected. */
  get facts(): FormFacts | null {
    return this.correcting ? (this.last?.screen ?? null) : this.screen;
  }

  /** The outcomes of a screen, unfolded once. */
  outcomesOf(screen: FormFacts): Outcomes {
    if (this.unfolded?.of !== screen) this.unfolded = { of: screen, outcomes: flat(screen) };
    return this.unfolded.outcomes;
  }

  leafOf(code: string | null | undefined): Leaf | null {
    const { facts } = this;
    if (!code || !facts) return null;
    const { quick, tree } = this.outcomesOf(facts);
    return [...quick, ...tree].find((leaf) => leaf.leaf === code) ?? null;
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
    if (leaf.barred) {
      this.problem = { code: "BARRED", sentence: leaf.barred, field: "leaf", status: 409 };
      return this.changed();
    }
    const same = this.draft.leaf === code;
    this.problem = null;
    this.form = formFor(leaf);
    this.customerBack = false;
    const promise = this.draft.promise ?? (leaf.needs.includes("promise") ? this.promisePreset : null);
    if (!same) this.drafting.saved = "none";
    this.amend({ leaf: code, promise });
    if (!this.form && !this.missing.length) this.saveOutcome();
  }

  private get promisePreset(): PromiseInput | null {
    const preset = this.facts?.presets?.promise;
    return preset ? { ...preset, method: preset.method ?? "" } : null;
  }

  saveOutcome(): boolean {
    const { draft, chosen } = this;
    if (!draft || !chosen || this.missing.length) return false;
    if (this.correcting) return this.sendCorrection(draft, chosen);
    this.problem = null;
    this.sent = { label: chosen.label, at: this.clock.now(), draft, screen: this.screen };
    this.drafting.sendOutcome(this.outcomeOf(draft, chosen));
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
    if (this.saved !== "saved" || this.form || this.drafting.dirty) this.submitForm();
    if (this.wrapping) this.outbox.put("/desk/finish", { call: draft.call });
    this.changed();
    return [];
  }

  /** The last call's outcome while it can still be corrected; forgotten afterwards. */
  get correctable(): LastOutcome | null {
    if (this.last && this.clock.now() - this.last.at > CORRECT_MS && !this.correcting) this.last = null;
    return this.last;
  }

  /** Opens the last call's outcome again: the tree first, then the form of what is chosen. */
  startCorrection(): void {
    if (!this.last || this.engaged) return;
    this.drafting.draft = { ...this.last.draft, leaf: null };
    this.correcting = true;
    this.form = null;
    this.drafting.saved = "none";
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
    this.drafting.draft = this.form = null;
    this.changed();
  }

  // Orders ---------------------------------------------------------------------------------------

  async order(name: string, path: string, body: Record<string, unknown> = {}): Promise<boolean> {
    this.busy = name;
    this.problem = null;
    this.changed();
    const answer = await post(path, body);
    this.busy = null;
    if (!answer.ok) this.problem = answer.problem;
    this.changed();
    return answer.ok;
  }

  ready = async (): Promise<boolean> => {
    const found = this.training ? this.headset : await checkHeadset();
    if (found === null && !this.training) return false;
    this.headset = found;
    return this.order("ready", "/desk/ready", { headset: found ?? "NOT_REQUIRED" });
  };
  snooze = (callback: string, until: string): Promise<boolean> => this.order("snooze", "/desk/reminder/snooze", { callback, until });
  putAway = (callback: string): Promise<boolean> => this.order("seen", "/desk/reminder/seen", { callback });
  pause = (reason: string): Promise<boolean> => this.order("pause", "/desk/pause", { reason });
  cancelPending = (): Promise<boolean> => this.order("cancel", "/desk/cancel-pending");
  extend = (): Promise<boolean> => this.order("extend", "/desk/extend");
  mute = (): Promise<boolean> => this.order("mute", "/desk/mute", { on: !this.agent?.muted });
  hold = (): Promise<boolean> => this.order("hold", "/desk/hold", { on: this.known !== "HELD" });

  /** Twice within 1.5 s, so that a slip does not end a call. */
  hangUp(): void {
    if (!this.talking && this.known !== "DIALING") return;
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
}
