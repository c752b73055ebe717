/**
 * Agents as tiles or rows, the troubled first. Only what is in sight is in the document, so 2,000 cost
 * no more than 60. The order is renewed at most every 5 s and never under a hand or the focus.
 */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { styleMap } from "lit/directives/style-map.js";
import type { WallAgentCard } from "../cards";
import { count } from "../format";
import { t, word, type Key } from "../i18n";
import { icon, workIcons, type IconName } from "../icons";
import { plain } from "../plain";
import { WallPart } from "./part";
import { byTrouble, doing, levelOf, limitsOf, sinceOf } from "./thresholds";

const RESORT_MS = 5000;
const SPARE_ROWS = 4;
const shapes = { table: { height: 44, width: 0 }, tiles: { height: 104, width: 208 } } as const;
type Shape = keyof typeof shapes;

const icons: Record<string, IconName> = { ...workIcons, OFFLINE: "off", LOST: "lost" };
const filters = ["IN_CALL", "READY", "WRAP_UP", "WRAP_OVER", "PAUSED", "LOST", "NOT_READY"];

export class AgentList extends WallPart {
  private shape: Shape = (localStorage.getItem("paceline.agents") as Shape | null) ?? "table";
  private sought = "";
  private wanted = "";
  private team = "";
  private order: string[] = [];
  private sortedAt = 0;
  private scrolled = 0;
  private room = { height: 600, width: 1200 };
  private focused: string | null = null;
  private watcher: ResizeObserver | null = null;

  private get frame(): HTMLElement | null {
    return this.querySelector(".agents-scroll");
  }

  protected override firstUpdated(): void {
    this.watcher = new ResizeObserver(([entry]) => {
      if (!entry) return;
      this.room = { height: entry.contentRect.height, width: entry.contentRect.width };
      this.requestUpdate();
    });
    if (this.frame) this.watcher.observe(this.frame);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.watcher?.disconnect();
  }

  /** Cards in the held order; new ones go last until the next sorting. */
  private sorted(all: WallAgentCard[]): WallAgentCard[] {
    const now = performance.now();
    const touched = this.frame?.matches(":hover, :focus-within") ?? false;
    if (!this.order.length || (now - this.sortedAt > RESORT_MS && !touched)) {
      this.order = [...all].sort(byTrouble(this.wall.clock.now())).map(({ user }) => user);
      this.sortedAt = now;
    }
    const place = new Map(this.order.map((user, i) => [user, i]));
    for (const { user } of all) if (!place.has(user)) place.set(user, this.order.push(user) - 1);
    return all.sort((a, b) => (place.get(a.user) ?? 0) - (place.get(b.user) ?? 0));
  }

  private chosen(): WallAgentCard[] {
    const sought = plain(this.sought);
    return this.sorted(this.wall.agents).filter(
      (agent) =>
        (!this.wanted || doing(agent) === this.wanted) &&
        (!this.team || teamName(agent) === this.team) &&
        (!sought || plain(agent.name).includes(sought)),
    );
  }

  private set(part: { sought?: string; wanted?: string; team?: string; shape?: Shape }): void {
    if (part.sought !== undefined) this.sought = part.sought;
    if (part.wanted !== undefined) this.wanted = part.wanted;
    if (part.team !== undefined) this.team = part.team;
    if (part.shape) localStorage.setItem("paceline.agents", (this.shape = part.shape));
    this.order = [];
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const agents = this.chosen();
    return html`${this.tools(agents.length)} ${this.shape === "table" ? this.heading() : nothing}
      <div class="agents-scroll" role=${this.shape === "table" ? "table" : "list"} tabindex=${agents.length ? -1 : 0} aria-label=${t("wall.agents")} aria-rowcount=${this.shape === "table" ? agents.length : nothing} data-testid="agents"
        @scroll=${(event: Event) => this.slide(event.target as HTMLElement)} @keydown=${(event: KeyboardEvent) => this.press(event, agents)}>
        ${agents.length ? this.window(agents) : html`<p class="wall-empty" role="row"><span role="cell">${this.wall.agents.length ? t("agents.no_match") : t("agents.none")}</span></p>`}
      </div>`;
  }

  private tools(found: number): TemplateResult {
    const teams = [...new Set(this.wall.agents.map(teamName))].filter(Boolean).sort();
    const value = (event: Event): string => (event.target as HTMLInputElement).value;
    return html`<div class="agents-tools" role="search" aria-label=${t("agents.filter")}>
      <input type="search" placeholder=${t("agents.search")} aria-label=${t("agents.search")} data-testid="agent-search" @input=${(event: Event) => this.set({ sought: value(event) })}>
      <select aria-label=${t("agents.state")} data-testid="agent-filter" @change=${(event: Event) => this.set({ wanted: value(event) })}>
        <option value="">${t("agents.all_states")}</option>${filters.map((name) => html`<option value=${name}>${t(`state.${name}` as Key)}</option>`)}
      </select>
      ${teams.length > 1 ? html`<select aria-label=${t("agents.team")} data-testid="team-filter" @change=${(event: Event) => this.set({ team: value(event) })}><option value="">${t("agents.all_teams")}</option>${teams.map((team) => html`<option>${team}</option>`)}</select>` : nothing}
      <span class="quiet num" data-testid="agent-count" role="status">${t("agents.found", { count: count(found) })}</span>
      <span class="bar-gap"></span>
      <span class="shape" role="group" aria-label=${t("agents.shape")}>
        ${(["table", "tiles"] as const).map((shape) => html`<button class="chip-button" aria-pressed=${this.shape === shape} data-testid=${`shape-${shape}`} @click=${() => this.set({ shape })}>${icon(shape === "table" ? "rows" : "grid", "small")}${t(`agents.${shape}`)}</button>`)}
      </span>
    </div>`;
  }

  private heading(): TemplateResult {
    return html`<div class="agent-row agents-head" aria-hidden="true">${(["name", "doing", "time", "campaign", "calls", "promises", "rtt"] as const).map((name) => html`<span>${t(`agents.col_${name}`)}</span>`)}</div>`;
  }

  private slide(frame: HTMLElement): void {
    this.scrolled = frame.scrollTop;
    this.requestUpdate();
  }

  private get columns(): number {
    const { width } = shapes[this.shape];
    return width ? Math.max(1, Math.floor(this.room.width / width)) : 1;
  }

  private window(agents: WallAgentCard[]): TemplateResult {
    const { height } = shapes[this.shape];
    const { columns } = this;
    const rows = Math.ceil(agents.length / columns);
    const first = Math.max(0, Math.floor(this.scrolled / height) - SPARE_ROWS);
    const last = Math.min(rows, Math.ceil((this.scrolled + this.room.height) / height) + SPARE_ROWS);
    const shown = agents.slice(first * columns, last * columns);
    const inner = styleMap({ height: `${rows * height}px` });
    const place = (i: number): Record<string, string> => {
      const at = first * columns + i;
      return {
        transform: `translate(${(at % columns) * (this.room.width / columns)}px, ${Math.floor(at / columns) * height}px)`,
        width: `${this.room.width / columns}px`,
        height: `${height}px`,
      };
    };
    const tabbable = shown.some(({ user }) => user === this.focused) ? this.focused : shown[0]?.user;
    return html`<div class="agents-inner" role=${this.shape === "table" ? "rowgroup" : "presentation"} style=${inner}>
      ${repeat(shown, ({ user }) => user, (agent, i) => (this.shape === "table" ? this.row(agent, first + i, place(i), tabbable) : this.tile(agent, place(i), tabbable)))}
    </div>`;
  }

  private time(agent: WallAgentCard): TemplateResult {
    const { amber, red } = limitsOf(agent);
    return html`<ticking-time class="num" since=${sinceOf(agent)} amber=${amber ?? nothing} red=${red ?? nothing}></ticking-time>`;
  }

  private mark(agent: WallAgentCard): TemplateResult {
    const name = doing(agent);
    const level = levelOf(agent, this.wall.clock.now());
    const reason = name === "PAUSED" && agent.reason ? ` · ${word("pause", agent.reason)}` : "";
    return html`<span class="doing ${level}">${icon(level === "ok" ? (icons[name] ?? "off") : level, "small")}${word("state", name)}${reason}${level === "ok" ? nothing : html`<span class="over-word"> · ${t(`level.over_${level}`)}</span>`}</span>`;
  }

  private row(agent: WallAgentCard, index: number, place: Record<string, string>, tabbable: string | null | undefined): TemplateResult {
    return html`<div class="agent-row" role="row" aria-rowindex=${index + 1} tabindex=${agent.user === tabbable ? 0 : -1} data-testid="agent" data-user=${agent.user} data-doing=${doing(agent)} data-level=${levelOf(agent, this.wall.clock.now())} style=${styleMap(place)}>
      <span role="cell"><b>${agent.name}</b> <span class="quiet">${teamName(agent)}</span></span>
      <span role="cell">${this.mark(agent)}</span>
      <span role="cell">${this.time(agent)}</span>
      <span role="cell" class="clip">${agent.campaign?.name ?? ""}</span>
      <span role="cell" class="num">${count(agent.calls ?? 0)}</span>
      <span role="cell" class="num">${count(agent.promises ?? 0)}</span>
      <span role="cell" class="num quiet">${agent.rtt === null || agent.rtt === undefined ? "–" : `${count(agent.rtt)} ms`}</span>
    </div>`;
  }

  private tile(agent: WallAgentCard, place: Record<string, string>, tabbable: string | null | undefined): TemplateResult {
    return html`<div class="agent-tile-place" role="listitem" style=${styleMap(place)}>
      <div class="agent-tile" tabindex=${agent.user === tabbable ? 0 : -1} data-testid="agent" data-user=${agent.user} data-doing=${doing(agent)} data-level=${levelOf(agent, this.wall.clock.now())}>
        <span class="tile-line"><b class="clip">${agent.name}</b>${this.time(agent)}</span>
        ${this.mark(agent)}
        <span class="quiet num clip">${t("agents.tile", { calls: count(agent.calls ?? 0), promises: count(agent.promises ?? 0) })}</span>
      </div>
    </div>`;
  }

  private press(event: KeyboardEvent, agents: WallAgentCard[]): void {
    const step = { ArrowDown: this.columns, ArrowUp: -this.columns, ArrowRight: 1, ArrowLeft: -1 }[event.code];
    const user = (event.target as HTMLElement).closest<HTMLElement>("[data-user]")?.dataset["user"];
    if (!step || !user) return;
    event.preventDefault();
    const next = agents.findIndex((agent) => agent.user === user) + step;
    const agent = agents[next];
    if (!agent || !this.frame) return;
    this.focused = agent.user;
    this.reveal(Math.floor(next / this.columns));
  }

  private reveal(row: number): void {
    const { frame } = this;
    if (!frame) return;
    const { height } = shapes[this.shape];
    const [top, bottom] = [row * height, (row + 1) * height];
    if (top < frame.scrollTop) frame.scrollTop = top;
    if (bottom > frame.scrollTop + this.room.height) frame.scrollTop = bottom - this.room.height;
    this.slide(frame);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`[data-user="${CSS.escape(this.focused ?? "")}"]`)?.focus({ preventScroll: true }));
  }
}

const teamName = ({ team }: WallAgentCard): string => (typeof team === "string" ? team : (team?.name ?? ""));

customElements.define("agent-list", AgentList);
