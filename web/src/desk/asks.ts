/** What the agent asks of others than the customer: help, a break to be granted, another mode, to leave. */
import type { AnnouncementCard, AskedCard, CoachCard, MonitorCard, WorkMode } from "../cards";
import type { DeskModel } from "./model";

export class Asks {
  constructor(private readonly desk: DeskModel) {}

  private card<T>(key: string): T | null {
    return this.desk.store.get<T>(this.desk.channel, key);
  }

  /** The open call for help; with `by` once somebody is coming. */
  get help(): AskedCard | null {
    return this.card<AskedCard>("help");
  }

  /** The break that was asked for and not granted yet, or was denied. */
  get breakAsked(): AskedCard | null {
    return this.card<AskedCard>("break");
  }

  /** Messages not yet read, the oldest first. */
  get messages(): CoachCard[] {
    const found = [...this.desk.store.matching<CoachCard>("coach:", this.desk.channel)].map(([, card]) => card);
    return found.sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  }

  /** Who of those who lead is in the call, and how, the earliest first. */
  get watched(): MonitorCard["by"] {
    return [...(this.card<MonitorCard>("monitor")?.by ?? [])].sort((a, b) => a.since - b.since);
  }

  /** What the agent has to read and confirm, the oldest first. */
  get announcements(): AnnouncementCard[] {
    const found = [...this.desk.store.matching<AnnouncementCard>("announcement:", this.desk.channel)].map(([, card]) => card);
    return found.sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  }

  /** What waits was ordered by somebody else: it is not the agent's to take back. */
  get ordered(): boolean {
    const { pending } = this.desk;
    return !!pending && (!!pending.by || pending.reason === "FORCED");
  }

  get mode(): WorkMode {
    return this.desk.agent?.mode ?? "AUTO";
  }

  /** The mode as it will be when what waits has happened. */
  get wantedMode(): WorkMode {
    return this.desk.agent?.pending_mode ?? this.mode;
  }

  callHelp = (reason: string): Promise<boolean> => this.desk.order("help", "/desk/help", { reason });
  withdrawHelp = (): Promise<boolean> => this.desk.order("help", "/desk/help/withdraw");
  withdrawBreak = (): Promise<boolean> => this.desk.order("pause", "/desk/break/withdraw");
  turn = (mode: WorkMode): Promise<boolean> => this.desk.order("mode", "/desk/mode", { mode });
  leave = (): Promise<boolean> => this.desk.order("leave", "/desk/sign-out");
  train = (on: boolean): Promise<boolean> => this.desk.order("training", "/desk/training", { on });
  confirm = (announcement: AnnouncementCard): Promise<boolean> => this.desk.order("confirm", `/desk/announcements/${announcement.id}/read`);
  read = (message: CoachCard): Promise<boolean> => this.desk.order("read", `/desk/messages/${message.id}/seen`);
}
