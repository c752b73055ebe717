/** Icon and word for each state of the desk: colour never says it alone. */
import { workIcons, type IconName } from "../icons";
import { t, type Key } from "../i18n";
import type { DeskState } from "./heard";

const icons: Record<DeskState, IconName> = { ...workIcons, LOADING: "clock", DISCONNECTED: "lost", ENDED: "lost" };

export const stateIcon = (state: DeskState): IconName => icons[state];
export const stateWord = (state: DeskState): string => t(`state.${state}` as Key);
