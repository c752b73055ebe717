/** Icon and word for each state of the desk: colour never says it alone. */
import type { IconName } from "../icons";
import { t, type Key } from "../i18n";
import type { DeskState } from "./model";

const icons: Record<DeskState, IconName> = {
  LOADING: "clock",
  NOT_READY: "off",
  READY: "ready",
  PAUSED: "pause",
  RESERVED: "call",
  DIALING: "call",
  IN_CALL: "call",
  HELD: "hold",
  WRAP_UP: "wrap",
  WRAP_OVER: "wrap",
  REVIEW: "review",
  DISCONNECTED: "lost",
  ENDED: "lost",
};

export const stateIcon = (state: DeskState): IconName => icons[state];
export const stateWord = (state: DeskState): string => t(`state.${state}` as Key);
