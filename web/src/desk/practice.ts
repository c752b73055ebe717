/**
 * A desk in training: calls of invented customers, played by this page on screens that the server composed.
 *
 * To the room of calls the agent is on a break, so no real call can come; and what is played here is sent to
 * nobody, so it can enter no figure. The cards of the play stand on a stage of their own (`Heard.room`), and
 * what the desk would send of it is answered here. An outcome is judged by the server, which keeps nothing.
 */
import { boot } from "../boot";
import type { AgentCard, CallCard, ScreenPop } from "../cards";
import { get, playFor, post, type Answer } from "../http";
import { t } from "../i18n";
import { keepPlay, recallPlay } from "../kept";
import { isPractice } from "./draft";
import type { DeskModel } from "./model";
import type { Template } from "./note-menu";

/** How long until a customer is on the line, until he is heard, and of wrap-up, ms. */
const COMES_MS = 4000;
const JOINS_MS = 1200;
const WRAP_MS = 30_000;
const TICK_MS = 250;
const MOST_EXTENDS = 10;

interface Lesson {
  screen: ScreenPop;
  says: string;
  templates: Template[];
}

interface Verdict {
  fits: boolean;
  why: string;
}

/** What survives a reload: the desk as it is played, and which call of practice it is. */
interface Play {
  agent: AgentCard;
  call: CallCard | null;
  number: number;
}

type Body = Record<string, unknown>;

const invented = (): { id: string; name: string } => ({ id: "", name: t("training.invented") });
const done = (more: Body = {}): Promise<Answer> => Promise.resolve({ ok: true, ...more });
const refused = (code: string, sentence: string): Promise<Answer> =>
  Promise.resolve({ ok: false, problem: { code, sentence, field: null, status: 409 } });

export class Practice {
  /** What the customer says, and what the outcome chosen last is worth. */
  lesson: Lesson | null = null;
  verdict: Verdict | null = null;
  private play: Play | null = null;
  private fetching = false;
  private offset = 0;

  constructor(private readonly desk: DeskModel) {
    playFor((path, body) => this.answer(path, body));
    setInterval(() => this.tick(), TICK_MS);
  }

  /** Begins and ends with the desk's training; asked whenever the room was heard. */
  follow(): void {
    if (this.desk.practising === (this.play !== null)) return;
    if (this.desk.practising) {
      this.play = (recallPlay(boot.user.id) as Play | null) ?? this.opening();
      this.play.agent.campaign = invented(); // the language may have changed since
      if (this.play.call) this.play.call.campaign = invented();
      this.show();
      if (this.play.call) void this.fetch(this.play.number);
    } else {
      this.desk.stage.forget(this.desk.channel);
      keepPlay(boot.user.id, null);
      this.play = this.lesson = this.verdict = null;
      this.desk.forgetPractice();
    }
  }

  private opening(): Play {
    const now = this.desk.clock.now();
    const agent: AgentCard = {
      user: boot.user.id,
      status: "NOT_READY",
      reason: null,
      state: "IDLE",
      link: "UP",
      since: now,
      status_since: now,
      deadline: null,
      extends_left: 0,
      pending: null,
      call: null,
      campaign: invented(),
      disposed: false,
      muted: false,
    };
    return { agent, call: null, number: 0 };
  }

  /** What time does. */
  private tick(): void {
    const { play } = this;
    if (!play) return;
    const now = this.desk.clock.now();
    const { status, state, since, deadline } = play.agent;
    if (state === "IDLE" && status === "READY" && now - since >= COMES_MS) void this.fetch(play.number);
    else if (state === "RESERVED" && this.lesson && now - since >= JOINS_MS) this.join(now);
    else if (state === "WRAP_UP" && deadline !== null && now >= deadline) {
      if (play.agent.disposed) this.next();
      else this.move({ state: "WRAP_OVER", deadline: null });
    }
  }

  /** The lesson of a call; the call rings when it was not at hand yet. */
  private async fetch(number: number): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    const answer = await get<Lesson>(`/desk/practice/${number}`);
    this.fetching = false;
    if (!answer.ok || this.play?.number !== number) return;
    this.lesson = answer;
    const { screen } = answer;
    if (!this.play.call) this.ring(screen);
    screen.call.assigned_at = screen.call.published_at = this.play.call?.assigned_at ?? this.desk.clock.now();
    this.card(`screen:${screen.call.id}`, screen);
  }

  private ring({ call }: ScreenPop): void {
    if (!this.play) return;
    const now = this.desk.clock.now();
    this.verdict = null;
    this.play.call = { id: call.id, state: "RESERVED", number: call.number, campaign: this.play.agent.campaign, assigned_at: now, connected_at: null, ended_at: null, cause: null };
    this.move({ state: "RESERVED", call: call.id, disposed: false, muted: false });
  }

  private join(now: number): void {
    if (this.play?.call) this.play.call = { ...this.play.call, state: "BRIDGED", connected_at: now };
    this.move({ state: "IN_CALL" });
  }

  private end(): void {
    if (this.play?.call) this.play.call = { ...this.play.call, state: "ENDED", ended_at: this.desk.clock.now(), cause: "AGENT_HANGUP" };
    this.move({ state: "WRAP_UP", deadline: this.desk.clock.now() + WRAP_MS, extends_left: MOST_EXTENDS, muted: false });
  }

  /** The next customer; or the break that was chosen during the call, which is a real one. */
  private next(): void {
    const { play } = this;
    if (!play) return;
    const wanted = play.agent.pending;
    const call = play.agent.call;
    play.call = this.lesson = null;
    play.number += 1;
    const now = this.desk.clock.now();
    this.move({ state: "IDLE", status: wanted ? "NOT_READY" : "READY", status_since: now, call: null, pending: null, deadline: null, extends_left: 0, disposed: false });
    this.card(`screen:${call}`, null);
    if (wanted?.reason) void this.desk.pause(wanted.reason);
  }

  private move(part: Partial<AgentCard>): void {
    if (!this.play) return;
    this.play.agent = { ...this.play.agent, since: this.desk.clock.now(), ...part };
    this.show();
  }

  /** As `move`, without a new state. */
  private amend(part: Partial<AgentCard>): Promise<Answer> {
    if (this.play) this.move({ ...part, since: this.play.agent.since });
    return done();
  }

  private show(): void {
    keepPlay(boot.user.id, this.play);
    this.card("agent", this.play?.agent);
    this.card("call", this.play?.call);
  }

  private card(key: string, value: unknown): void {
    this.desk.stage.apply(this.desk.channel, "practice", [[++this.offset, key, value ?? null]]);
  }

  // What the desk sends -----------------------------------------------------------------------------

  /** The answer to what is played; null for what goes to the server. Real calls' records always do. */
  private answer(path: string, body: Body | undefined): Promise<Answer> | null {
    const call = body?.["call"];
    if (typeof call === "string" && isPractice(call)) return this.play ? this.ofCall(path, body ?? {}) : done({ version: 0, draft: null });
    if (!this.play || call !== undefined) return null;
    return this.spoken(path, body ?? {}, this.play.agent);
  }

  private ofCall(path: string, body: Body): Promise<Answer> | null {
    switch (path) {
      case "/desk/outcome":
      case "/desk/correct":
        return this.judge(body);
      case "/desk/hangup":
        this.end();
        return done();
      case "/desk/draft":
        return done({ version: 0, draft: null });
      case "/desk/finish":
        if (!this.play?.agent.disposed) return refused("NO_OUTCOME", t("missing.outcome"));
        this.next();
        return done();
      default:
        return null;
    }
  }

  private spoken(path: string, body: Body, agent: AgentCard): Promise<Answer> | null {
    const busy = this.desk.engaged;
    switch (path) {
      case "/desk/ready":
        this.move({ status: "READY", status_since: this.desk.clock.now() });
        return done();
      case "/desk/pause":
        return busy ? this.amend({ pending: { status: "PAUSED", reason: String(body["reason"]) } }) : null;
      case "/desk/cancel-pending":
        return this.amend({ pending: null });
      case "/desk/extend":
        return this.amend({ deadline: (agent.deadline ?? 0) + WRAP_MS, extends_left: agent.extends_left - 1 });
      case "/desk/mute":
        return this.amend({ muted: body["on"] === true });
      case "/desk/hold":
        this.move({ state: body["on"] === true ? "HELD" : "IN_CALL" });
        return done();
      case "/desk/training":
        return busy ? refused("IN_PRACTICE", t("training.in_call")) : null;
      case "/desk/draft":
        return done({ draft: null });
      case "/desk/last":
        return done({ last: null });
      case "/desk/templates":
        return done({ templates: this.lesson?.templates ?? [] });
      default:
        return null;
    }
  }

  private async judge(body: Body): Promise<Answer> {
    const answer = await post<{ fits: boolean; why: string }>("/desk/practice/judge", { ...body });
    if (answer.ok && this.play) {
      this.verdict = { fits: answer.fits, why: answer.why };
      if (this.play.agent.call === body["call"]) void this.amend({ disposed: true });
    }
    return answer;
  }
}
