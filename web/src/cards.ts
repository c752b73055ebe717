/** The shapes that travel: cards down the socket, bodies up by HTTP. Instants are ms of business time. */

export type AgentStatus = "READY" | "NOT_READY" | "PAUSED" | "OFFLINE";
export type AgentState =
  | "IDLE"
  | "RESERVED"
  | "DIALING"
  | "IN_CALL"
  | "HELD"
  | "WRAP_UP"
  | "WRAP_OVER"
  | "REVIEW";
export type Tone = "bad" | "warn" | "info";

export interface Named {
  id: string;
  name: string;
}

export type WorkMode = "AUTO" | "MANUAL";

export interface AgentCard {
  user: string;
  status: AgentStatus;
  reason: string | null;
  /** Who set the status, when it was somebody else. */
  by?: string | null;
  /** How long the break may last, ms; null: as long as it takes. */
  limit_ms?: number | null;
  overrun?: "OVER" | "FAR_OVER" | null;
  mode?: WorkMode;
  pending_mode?: WorkMode | null;
  state: AgentState;
  link: "UP" | "LOST";
  /** The agent's leg at the carrier. */
  voice?: "UP" | "LOST";
  since: number;
  status_since: number;
  deadline: number | null;
  extends_left: number;
  pending: { status: AgentStatus; reason: string | null; by?: string | null } | null;
  call: string | null;
  campaign: Named | null;
  /** How that campaign is dialled: its mode. */
  dialing?: string | null;
  /** How the call ended, or was refused, that the agent had dialled last: a cause or a rule. */
  tried?: string | null;
  disposed: boolean;
  muted: boolean;
  /** Why nobody is dialled for an agent who waits. */
  hindrance?: string | null;
}

/** How an agent's telephone in the page sounded last; it tells so every ten seconds of a call. */
export interface VoiceCard {
  /** Share of the packets that did not come. */
  loss_pct: number;
  jitter_ms: number;
  /** From the page to Asterisk and back. */
  rtt_ms: number;
  /** When that was told. */
  at: number;
}

/** What the agent asked of those who lead him: `help`, or a `break` to be granted. */
export interface AskedCard {
  id: string;
  reason: string;
  since: number;
  /** Who is coming, or who denied it. */
  by: string | null;
  denied: boolean;
}

/** What an agent has to read and confirm, in both languages. */
export interface AnnouncementCard {
  id: string;
  vi: string;
  en: string;
  by: string;
  at: number;
}

/** This desk is in training; without the card it is not. */
export interface TrainingCard {
  on: true;
}

/** A message to the agent that he has not read. */
export interface CoachCard {
  id: string;
  by: string;
  text: string;
  at: number;
}

export type MonitorMode = "LISTEN" | "WHISPER" | "BARGE" | "TAKE_OVER";

/** Who of those that the agent is told of is in his call, and how. */
export interface MonitorCard {
  by: { name: string; mode: MonitorMode; since: number }[];
}

/** Everybody who is in a call of an agent, for those who lead. */
export interface WatchersCard {
  call: string;
  agent: string;
  by: {
    user: string;
    name: string;
    mode: MonitorMode;
    since: number;
    /** His telephone is joined to the call. */
    heard: boolean;
    /** The agent is told of him. */
    visible: boolean;
  }[];
}

/** How somebody's last session in a call ended. */
export interface LeftCard {
  by: string;
  call: string;
  agent: string;
  mode: MonitorMode;
  why: "LEFT" | "SWITCHED" | "CALL_ENDED" | "CALL_MOVED" | "TAKEN_OVER" | "PAGE_LOST" | "SIGNED_OUT" | "VOICE_LOST" | "RESTARTED";
  at: number;
}

/** What was written to an agent last, as those who lead see it. */
export interface SentCard {
  id: string;
  user: string;
  name: string;
  by: string;
  at: number;
  seen_at: number | null;
}

/** An agent's open request, as those who lead see it. */
export interface RequestCard {
  id: string;
  kind: "HELP" | "BREAK";
  user: string;
  name: string;
  reason: string;
  note: string;
  since: number;
  taken_by: string | null;
}

export interface CallCard {
  id: string;
  state: "OFFERED" | "DIALING" | "RINGING" | "WAITING" | "RESERVED" | "BRIDGED" | "HELD" | "ENDED";
  number: string;
  campaign: Named | null;
  assigned_at: number | null;
  connected_at: number | null;
  ended_at: number | null;
  cause: string | null;
  /** Of one that the agent decides on: which rule forbids it now, until when; whether time will have it dialled. */
  rule?: string | null;
  until?: number | null;
  dials?: boolean;
  /** His other numbers, each with its own word of the law. */
  others?: { phone: string; number: string; rule: string | null; until: number | null }[];
}

/** An outcome without the words above it. */
export interface Twig {
  leaf: string;
  label: string;
  needs: string[];
  /** What may be said besides. */
  offers?: string[];
  /** Why it cannot be chosen with this customer; it does not travel, see `flat` in `desk/outcome.ts`. */
  barred?: string;
}

export interface Leaf extends Twig {
  path: string[];
}

export interface QuickOutcome extends Leaf {
  key: string;
}

/** Leaves under the two words above them, as they travel: see `flat` in `desk/outcome.ts`. */
export interface Branch {
  path: string[];
  leaves: Twig[];
}

export interface CallbackPreset {
  key: string;
  label: string;
  at: number;
  refused: string | null;
}

export interface PromisePreset {
  amount_minor: number;
  currency: string;
  due_on: string;
  method: string | null;
}

export interface Loan {
  product_label: string;
  tail: string;
  outstanding_minor: number;
  currency: string;
  dpd: number;
  bucket: string;
}

/** What is said: the rules' choice, why it was chosen, and the version of the book that it stands in. */
export interface Script {
  code: string;
  title: string;
  why: string;
  version: number;
  step: number;
  steps: string[];
}

export interface Objection {
  code: string;
  label: string;
  reply: string;
}

/** How the customer is to be treated, with where it comes from and what it changes: label and text. */
export interface Chip {
  code: string;
  label: string;
  tone: Tone | "";
  lines: [string, string][];
}

export interface ScreenPop {
  v: number;
  call: {
    id: string;
    number: string;
    campaign: Named | null;
    attempt_no: number | null;
    attempts_today: number | null;
    cap: number | null;
    assigned_at: number;
    published_at: number;
    /** Nobody is on the line: the agent decides whether to call. */
    offered?: boolean;
  };
  customer: null | {
    id: string;
    cif: string;
    name: string;
    spoken: string;
    kind: "INDIVIDUAL" | "ORGANIZATION";
    language: string;
  };
  late: boolean;
  greeting: string;
  reason: string;
  key_fact: null | { code: string; text: string; tone: Tone };
  loan:
    | null
    | (Loan & {
        product: string;
        due_minor: number;
        overdue_minor: number;
        bucket_from: string | null;
        words: { due: string; overdue: string; outstanding: string };
      });
  chips: Chip[];
  next_action: string;
  cards: {
    last: { at: number; kind: string; outcome: string | null; by: string | null; note: string | null }[];
    payments: { on: string; amount_minor: number; currency: string; method: string | null; status: string }[];
    promises: {
      amount_minor: number;
      currency: string;
      due_on: string;
      state: string;
      state_label: string;
    }[];
    handling: null | {
      text: string | null;
      mandatory: boolean;
      attempts_today: number | null;
      cap: number | null;
    };
    loans: Loan[];
    phones: { number: string; label: string | null; success: string | null; best: string | null }[];
  };
  script: Script | null;
  compliance: { code: string; text: string; required: boolean; blocks: string[] }[];
  objections: Objection[];
  /** What is said instead, at once, when somebody else is on the line; `required` are statements' codes. */
  third_party: null | { script: Script; objections: Objection[]; required: string[] };
  /** Outcomes that make no sense with this customer, by the key of the reason; and the reasons. */
  barred: Record<string, string>;
  bars: Record<string, string>;
  presets: { promise: PromisePreset | null; callback: CallbackPreset[] };
  currency: string;
  window_until: number | null;
}

export interface PromiseInput {
  amount_minor: number;
  currency: string;
  due_on: string;
  method: string;
}

/** What the agent has put in for a call, kept here and on the server until the call is finished. */
export interface Draft {
  call: string;
  leaf: string | null;
  note: string;
  ticked: string[];
  /** Steps that were said, by script. */
  said: Record<string, number[]>;
  promise: PromiseInput | null;
  callback: { at: number } | null;
  fields: Record<string, string>;
  /** The page that writes; the server's version that it has read; its changes, and those the server has. */
  writer: string;
  seen: number;
  edits: number;
  sent: number;
}

export interface StatsCard {
  calls?: number;
  contacts?: number;
  promises?: number;
  promised_minor?: number;
  currency?: string;
}

export interface PopFigures {
  p50: number | null;
  p95: number | null;
  p99: number | null;
  n: number;
  late: number;
}

export interface AgentCounts {
  ready?: number;
  in_call?: number;
  wrap_up?: number;
  paused?: number;
  lost?: number;
  total?: number;
}

export interface CampaignCard {
  id: string;
  name: string;
  state: string;
  mode: string;
  because: string | null;
  lines: number;
  lines_wanted: number | null;
  ratio: number | null;
  ceiling: number | null;
  agents: AgentCounts;
  answer_rate: number | null;
  dialed: number;
  answered: number;
  abandoned: number;
  abandon_pct: number | null;
  abandon_limit_pct: number | null;
  waiting: number;
  leads_left: number | null;
  promises: number;
  pop: PopFigures | null;
  window_until: number | null;
  stopped: boolean;
  refused: Record<string, number> | null;
}

export interface FloorCard {
  now: number;
  agents: AgentCounts;
  dialed: number;
  answered: number;
  abandoned: number;
  waiting?: number;
  promises: number;
  promised_minor: number;
  currency?: string;
  pop: PopFigures | null;
  dialing_stopped: boolean;
  stream_at: number;
}

export interface WallAgentCard extends AgentCard {
  name: string;
  team: string | Named | null;
  calls: number | null;
  promises: number | null;
  rtt: number | null;
}

export interface PauseReason {
  code: string;
  label?: string;
  max_seconds: number | null;
  needs_approval?: boolean;
}

export interface Boot {
  user: { id: string; name: string; role: string; language: "vi" | "en"; single_keys?: boolean; sound_off?: boolean };
  csrf: string;
  channels: string[];
  server_now: number;
  demo_clock: boolean;
  zone?: string;
  pause_reasons?: PauseReason[];
  teams?: Named[];
  may?: Record<string, boolean>;
  /** Keys that the person has moved, by what they do. */
  keys?: Record<string, string>;
  /** Whom to ring when this page is lost. */
  lead?: { name: string | null; phone: string | null };
  /** What an agent may choose, whoever calls. */
  choices?: { outcomes: { key: string; leaf: string; label: string }[]; tree: Branch[] };
  /** What is said of calls that agents have dialled themselves, by rule and cause. */
  tries?: Record<string, string>;
  /** This desk is in training. */
  training?: boolean;
  /** Stepping into calls: how far each mode reaches, of which team, whether agents are told of listeners. */
  monitor?: { scopes: Partial<Record<MonitorMode, "ALL" | "OWN_TEAM">>; team: string | null; shown: boolean; sets_policy: boolean; criteria: string[] };
  /** A real telephone is at this desk: the headset is checked. */
  softphone?: boolean;
  /** Agents speak by their pages here, and may choose a telephone on the desk instead. */
  phone_choice?: boolean;
}

/** Calls agreed: soon, due now, or missed. */
export interface ReminderCard {
  id: string;
  at: number;
  until: number;
  state: "SCHEDULED" | "DUE" | "MISSED";
  name: string;
  /** The agent is not reminded before; null: not put off. */
  snoozed: number | null;
}

export interface DayCard {
  wrap_up_s: number | null;
  occupancy_pct: number | null;
  collected_minor: number;
  currency: string;
  targets: {
    calls?: number;
    contacts?: number;
    promises?: number;
    promised?: number;
    collected?: number;
    occupancy?: number;
    wrap_up?: number;
  };
  next: { at: number; name: string } | null;
}

/** Whether calls are dialled at all: `beat_at` is when the dialer was heard last, once it is not. */
export interface DialerCard {
  up: boolean;
  beat_at: number | null;
}
