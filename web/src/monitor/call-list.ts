/** Live calls as a list that keys walk: arrows choose, letters act while the list has the focus (check MO10). */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { boot } from "../boot";
import { plural, t, word } from "../i18n";
import { icon } from "../icons";
import { pressed } from "../keys";
import { teamName } from "../wall/cards";
import type { LiveCall, Sift } from "./model";
import { MonitorPart } from "./part";

const sifts: Sift[] = ["", "HELP", "FLAG", "NEW_AGENT", "QA_DUE", "LONG_CALL", "WATCHED"];
/** More than that nobody reads; the filter narrows. */
const MOST = 200;

export class CallList extends MonitorPart {
  override render(): TemplateResult {
    const shown = this.monitor.shown;
    const calls = shown.slice(0, MOST);
    return html`${this.tools(shown.length)}
      <div class="calls" role=${calls.length ? "listbox" : "group"} tabindex="0" aria-label=${t("monitor.calls")} aria-activedescendant=${calls.some(({ call }) => call === this.monitor.chosen?.call) ? `call-${this.monitor.chosen?.call}` : nothing} data-testid="calls"
        @keydown=${(event: KeyboardEvent) => this.press(event, calls)}>
        ${repeat(calls, ({ call }) => call, (one) => this.row(one))}
        ${calls.length ? nothing : html`<p class="wall-empty" data-testid="no-calls">${this.empty()}</p>`}
      </div>`;
  }

  private empty(): string {
    const { monitor } = this;
    if (!monitor.loaded) return t("monitor.loading");
    return t(monitor.calls.length ? "monitor.no_match" : "monitor.none");
  }

  private tools(found: number): TemplateResult {
    const { monitor } = this;
    const set = (part: Partial<{ sought: string; team: string; sift: Sift }>): void => {
      Object.assign(monitor, part);
      monitor.changed();
    };
    const value = (event: Event): string => (event.target as HTMLInputElement).value;
    const teams = boot.teams ?? [];
    return html`<div class="calls-tools" role="search" aria-label=${t("monitor.filter")}>
      <input type="search" placeholder=${t("monitor.search")} aria-label=${t("monitor.search")} data-testid="call-search" @input=${(event: Event) => set({ sought: value(event) })}>
      ${teams.length > 1 ? html`<select aria-label=${t("monitor.team")} data-testid="call-team" @change=${(event: Event) => set({ team: value(event) })}><option value="">${t("monitor.all_teams")}</option>${teams.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select>` : nothing}
      <select aria-label=${t("monitor.which")} data-testid="call-sift" @change=${(event: Event) => set({ sift: value(event) as Sift })}>${sifts.map((name) => html`<option value=${name}>${t(`monitor.sift_${name || "ALL"}`)}</option>`)}</select>
      <button class="chip-button" data-testid="pick" title=${t("monitor.pick_help")} @click=${() => this.pick()}>${t("monitor.pick")}</button>
      <span class="sr" role="status">${plural("monitor.live", found)}</span>
    </div>`;
  }

  private pick(): void {
    this.monitor.pick();
    this.querySelector<HTMLElement>(".calls")?.focus();
  }

  private row(one: LiveCall): TemplateResult {
    const { agent, details, watchers, reasons } = one;
    const chosen = this.monitor.chosen?.call === one.call;
    const marks = [...(details?.flags ?? []).map((flag) => ["warn", flag, word("monitor.flag", flag)]), ...reasons.map((reason) => ["", reason, word("monitor.reason", reason)])];
    return html`<div class="call-row" role="option" id=${`call-${one.call}`} aria-selected=${chosen} data-testid="call" data-user=${agent.user} data-call=${one.call} @click=${() => this.monitor.choose(one)}>
      <span class="call-who"><b title=${agent.name}>${agent.name}</b>${agent.help_since ? html`<span class="state-chip warn" data-testid="help">${icon("hand", "small")}${t("agents.help")} <ticking-time class="num" since=${agent.help_since}></ticking-time></span>` : nothing}</span>
      <span class="call-time">${agent.state === "HELD" ? html`<span class="state-chip warn">${icon("hold", "small")}${t("state.HELD")}</span> ` : nothing}<ticking-time class="num" since=${agent.since}></ticking-time></span>
      <span class="call-where quiet">${[teamName(agent), agent.campaign?.name, details?.bucket].filter(Boolean).join(" · ")}</span>
      <span class="call-marks">${marks.map(([tone, code, text]) => html`<span class="state-chip ${tone}" data-mark=${code}>${text}</span>`)}${watchers.length ? html`<span class="state-chip watched" data-testid="watched">${icon("ear", "small")}${watchers.map(({ name }) => name).join(", ")}</span>` : nothing}</span>
    </div>`;
  }

  private press(event: KeyboardEvent, calls: LiveCall[]): void {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const { monitor } = this;
    const deeds = [
      ["monitor_listen", () => void monitor.step("LISTEN")],
      ["monitor_whisper", () => void monitor.step("WHISPER")],
      ["monitor_barge", () => void monitor.step("BARGE")],
      ["monitor_message", () => this.dispatchEvent(new CustomEvent("write", { bubbles: true }))],
      ["monitor_leave", () => monitor.leave()],
    ] as const;
    const deed = deeds.find(([id]) => pressed(id, event));
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.code];
    if (!deed && !step) return;
    event.preventDefault();
    if (deed) {
      if (!event.repeat) deed[1]();
      return;
    }
    const at = calls.findIndex(({ call }) => call === monitor.chosen?.call);
    const next = calls[Math.min(Math.max(at + (step ?? 0), 0), calls.length - 1)];
    if (!next) return;
    monitor.choose(next);
    void this.updateComplete.then(() => this.querySelector(`#call-${CSS.escape(next.call)}`)?.scrollIntoView({ block: "nearest" }));
  }
}

customElements.define("call-list", CallList);
