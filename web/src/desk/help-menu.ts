/** Who leads is called to this desk: Alt+A and Enter, or a letter that says why. Alt+A again takes it back. */
import { t, type Key } from "../i18n";
import { ChoiceMenu, type Choice } from "./choice-menu";

const reasons = [
  ["UNSAID", "H"],
  ["ABUSIVE", "A"],
  ["SENSITIVE", "S"],
  ["UNSURE", "U"],
  ["SYSTEM", "T"],
] as const;

export class HelpMenu extends ChoiceMenu {
  protected readonly name = "help";

  override toggle(): void {
    if (this.desk.asks.help) void this.desk.asks.withdrawHelp();
    else super.toggle();
  }

  protected get heading(): string {
    return t("help.title");
  }

  protected get choices(): Choice[] {
    return reasons.map(([code, letter]) => ({ code, letter, word: t(`help.${code}` as Key) }));
  }

  protected choose(code: string): void {
    void this.desk.asks.callHelp(code);
  }
}

customElements.define("help-menu", HelpMenu);
