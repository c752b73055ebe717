/** Whom to call is the agent's to decide: somebody is offered to him (preview), or he picks somebody (manual). */
import { boot } from "../boot";
import { get } from "../http";
import { word } from "../i18n";
import type { DeskModel } from "./model";

/** Why somebody is passed over, by the digit that says it. */
export const SKIPS = ["LATER", "PREPARE", "SPOKEN", "UNFIT"] as const;
export type Skip = (typeof SKIPS)[number];

/** Somebody of the agent's lists. */
export interface WorkRow {
  lead: string;
  campaign: string;
  name: string;
  dpd: number;
  overdue_minor: number;
  currency: string;
  at: number;
  tries: number;
  /** How it ended the last time, in words. */
  last: string | null;
  /** The agent agreed to this call himself. */
  agreed: boolean;
  /** When the agent called him, a while ago: he may want to again. */
  called: number | null;
}

/** In words: a rule of the law, how a call ended, why somebody cannot be had. */
export const tryWord = (code: string): string => boot.tries?.[code] ?? word("because", code, code);

export class Choosing {
  /** Null while it is not known. */
  work: WorkRow[] | null = null;
  failed = false;
  private shown = false;
  private loading = false;

  constructor(private readonly desk: DeskModel) {}

  /** The agent picks: nobody is offered to him. */
  get picks(): boolean {
    const { agent, known, practising } = this.desk;
    if (practising) return false;
    return (known === "REVIEW" && !agent?.call) || (known === "READY" && agent?.dialing === "MANUAL");
  }

  /** The rule that forbids the call that he looks at. */
  get rule(): string | null {
    return this.desk.call?.rule ?? null;
  }

  /** Called when the server said something: the list is read whenever it comes into sight. */
  follow(): void {
    const { picks } = this;
    if (picks && !this.shown) void this.load();
    this.shown = picks;
    if (!picks) this.work = null;
  }

  load = async (): Promise<void> => {
    if (this.loading) return;
    this.loading = true;
    const answer = await get<{ work: WorkRow[] }>("/desk/work");
    this.loading = false;
    this.failed = !answer.ok;
    if (answer.ok && this.picks) this.work = answer.work;
    this.desk.changed();
  };

  /** On the number shown, or on another of the customer's. */
  dial = (phone: string | null = null): void => {
    if (this.desk.known !== "REVIEW" || !this.desk.looking || (!phone && this.rule)) return;
    void this.desk.order("dial", "/desk/dial", { call: this.desk.callId, phone });
  };

  skip = (reason: Skip): void => {
    if (this.desk.known !== "REVIEW" || !this.desk.looking) return;
    void this.desk.order("skip", "/desk/skip", { call: this.desk.callId, reason });
  };

  pick = async (lead: string): Promise<void> => {
    if (!(await this.desk.order("pick", "/desk/pick", { lead }))) await this.load();
  };
}
