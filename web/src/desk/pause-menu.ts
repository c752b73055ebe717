/** Why the break, and what else changes an agent's standing: mode and leaving. In a call all of it comes after it. */
import { t } from "../i18n";
import { ChoiceMenu, type Choice } from "./choice-menu";
import { pauseReasons } from "./reasons";

const TRAIN = "TRAIN";
const MODE = "MODE";
const LEAVE = "LEAVE";

export class PauseMenu extends ChoiceMenu {
  protected readonly name = "pause";

  /** Alt+P again takes back what waits. */
  override toggle(): void {
    if (this.desk.pending && !this.desk.asks.ordered) void this.desk.cancelPending();
    else if (this.desk.asks.breakAsked && !this.desk.asks.breakAsked.denied) void this.desk.asks.withdrawBreak();
    else super.toggle();
  }

  protected get heading(): string {
    return this.desk.engaged ? t("pause.title_after") : t("pause.title");
  }

  protected get choices(): Choice[] {
    const { training } = this.desk;
    const manual = this.desk.asks.wantedMode === "MANUAL";
    return [
      ...pauseReasons.map(({ code, letter, word, max_seconds, needs_approval }) => ({
        code,
        letter,
        word,
        hint: [max_seconds ? t("pause.max", { minutes: Math.round(max_seconds / 60) }) : "", needs_approval ? t("pause.asks") : ""].filter(Boolean).join(" · "),
      })),
      { code: TRAIN, letter: "8", word: t(training ? "training.end" : "training.begin") },
      { code: MODE, letter: "9", word: manual ? t("mode.to_auto") : t("mode.to_manual") },
      { code: LEAVE, letter: "0", word: t("pause.leave") },
    ];
  }

  protected choose(code: string): void {
    const { asks } = this.desk;
    if (code === TRAIN) void asks.train(!this.desk.training);
    else if (code === MODE) void asks.turn(asks.wantedMode === "MANUAL" ? "AUTO" : "MANUAL");
    else if (code === LEAVE) void asks.leave();
    else void this.desk.pause(code);
  }
}

customElements.define("pause-menu", PauseMenu);
