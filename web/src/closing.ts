/** What a close code asks of this page. The codes are the server's; see docs/protocol.md. */
export type Next = "return" | "ticket" | "later" | "stop" | "reload";

const asked: Record<number, Next> = {
  4000: "return", // DRAIN: come back, spread
  4001: "ticket", // TICKET_REFUSED: come back with a new ticket
  4002: "stop", // SIGNED_OUT
  4003: "stop", // TAKEN_OVER
  4004: "stop", // FORBIDDEN
  4008: "later", // FLOOD: not before 30 s
  4009: "return", // SLOW
  4010: "reload", // PROTOCOL: this page is too old
  4011: "return", // INTERNAL
  4012: "return", // SILENT
};

export const SIGNED_OUT = 4002;
export const TAKEN_OVER = 4003;
export const FORBIDDEN = 4004;
export const PROTOCOL = 4010;
export const SILENT = 4012;

export const LATER_MS = 30_000;

/** Codes of others (1006 and the like) are accidents of the road: come back. */
export const afterClose = (code: number): Next => asked[code] ?? "return";
