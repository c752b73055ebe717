/**
 * Agents as tiles or rows, the troubled first. Only what is in sight is in the document, so 2,000 cost
 * no more than 60. The order is renewed at most every 5 s and never under a hand or the focus.
 */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { count, percent, span } from "../format";
import { plural, t, word, type Key } from "../i18n";
import { icon, workIcons, type IconName } from "../icons";
import { plain } from "../plain";
import { teamName, type WallAgent } from "./cards";
import { HeldOrder } from "./held-order";
import { vietnamese } from "./name-order";
import { WallPart } from "./part";
import { byName, byTrouble, doing, limitsOf, type Judged } from "./thresholds";

const SPARE_ROWS = 4;
const shapes = { table: { height: 44, width: 0 }, tiles: { height: 104, width: 208 } } as const;
type Shape = keyof typeof shapes;

const icons: Record<string, IconName> = { ...workIcons, OFFLINE: "off", LOST: "lost", VOICE_LOST: "micoff" };
const states = ["IN_CALL", "READY", "WRAP_UP", "WRAP_OVER", "PAUSED", "LOST", "VOICE_LOST", "NOT_READY"];
const OVER = "OVER";

const descending = (of: (agent: WallAgent) => number | null | undefined) => (a: Judged, b: Judged): number =>
  (of(b.agent) ?? -1) - (of(a.agent) ?? -1) || byName(a, b);

/** What each column sorts by; every one a total order. */
const orders = {
  name: byName,
  doing: byTrouble,
  time: (a: Judged, b: Judged): number => a.since - b.since || byName(a, b),
  campaign: (a: Judged, b: Judged): number => vietnamese(a.agent.campaign?.name ?? "", b.agent.campaign?.name ?? "") || byName(a, b),
  calls: descending((agent) => agent.calls),
  contacts: descending((agent) => agent.contacts),
  promises: descending((agent) => agent.promises),
  occupancy: descending((agent) => agent.occupancy),
  wrap: descending((agent) => agent.wrap_s),
  rtt: descending((agent) => agent.rtt),
} as const;
type Column = keyof typeof orders;
const columns = Object.keys(orders) as Column[];

export class AgentList extends WallPart {
  private shape: Shape = (localStorage.getItem("paceline.agents") as Shape | null) ?? "table";
  private sought = "";
  private column: Column = "doing";
  private readonly held = new HeldOrder<Judged>(({ agent }) => agent.user);
  private listed = { judged: [] as Judged[], by: "", agents: [] as Judged[] };
  private changes = 0;
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

  /** Sorted and sifted once for what is known; scrolling only moves the window over it. */
  private chosen(): Judged[] {
    const { judged, place } = this.wall;
    const touched = this.frame?.matches(":hover, :focus-within") ?? false;
    const by = [this.column, place.state, this.sought, touched, this.changes].join("\n");
    if (this.listed.judged !== judged || this.listed.by !== by) {
      const sorted = this.held.sort(judged, orders[this.column], performance.now(), touched);
      this.listed = { judged, by, agents: this.sift(sorted, place.state, plain(this.sought)) };
    }
    return this.listed.agents;
  }

  private sift(agents: Judged[], state: string, sought: string): Judged[] {
    return agents.filter(
      ({ agent, level }) =>
        (!state || (state === OVER ? level !== "ok" && doing(agent) !== "OFFLINE" : doing(agent) === state)) &&
        (!sought || plain(agent.name).includes(sought)),
    );
  }

  private set(part: { sought?: string; shape?: Shape; column?: Column }): void {
    if (part.sought !== undefined) this.sought = part.sought;
    if (part.column) this.column = part.column;
    if (part.shape) localStorage.setItem("paceline.agents", (this.shape = part.shape));
    this.held.forget();
    this.changes += 1;
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const agents = this.chosen();
    return html`${this.tools(agents.length)} ${this.shape === "table" ? this.heading() : nothing}
      <div class="agents-scroll" role=${this.shape === "table" ? "table" : "list"} tabindex=${agents.length ? -1 : 0} aria-label=${t("wall.agents")} aria-rowcount=${this.shape === "table" ? agents.length : nothing} data-testid="agents" data-moved=${this.held.moved}
        @scroll=${(event: Event) => this.slide(event.target as HTMLElement)} @keydown=${(event: KeyboardEvent) => this.press(event, agents)}>
        ${agents.length ? this.window(agents) : html`<p class="wall-empty" role="row"><span role="cell">${this.wall.agents.length ? t("agents.no_match") : t("agents.none")}</span></p>`}
      </div>`;
  }

  private tools(found: number): TemplateResult {
    const value = (event: Event): string => (event.target as HTMLInputElement).value;
    return html`<div class="agents-tools" role="search" aria-label=${t("agents.filter")}>
      <input type="search" placeholder=${t("agents.search")} aria-label=${t("agents.search")} data-testid="agent-search" @input=${(event: Event) => this.set({ sought: value(event) })}>
      <select aria-label=${t("agents.state")} data-testid="agent-filter" .value=${this.wall.place.state} @change=${(event: Event) => this.wall.filter({ state: value(event) })}>
        <option value="">${t("agents.all_states")}</option><option value=${OVER} ?selected=${this.wall.place.state === OVER}>${t("agents.over")}</option>${states.map((name) => html`<option value=${name} ?selected=${this.wall.place.state === name}>${t(`state.${name}` as Key)}</option>`)}
      </select>
      <span class="quiet num" data-testid="agent-count" role="status">${plural("agents.found", found)}</span>
      ${this.held.moved ? html`<button class="chip-button" data-testid="resort" @click=${() => this.set({})}>${plural("agents.moved", this.held.moved)}</button>` : nothing}
      <span class="bar-gap"></span>
      <span class="shape" role="group" aria-label=${t("agents.shape")}>
        ${(["table", "tiles"] as const).map((shape) => html`<button class="chip-button" aria-pressed=${this.shape === shape} data-testid=${`shape-${shape}`} @click=${() => this.set({ shape })}>${icon(shape === "table" ? "rows" : "grid", "small")}${t(`agents.${shape}`)}</button>`)}
      </span>
    </div>`;
  }

  /** Sorted by a press on its head; a row of buttons, so that keys reach it. */
  private heading(): TemplateResult {
    const sorted = (name: Column): "ascending" | "descending" => (["name", "doing", "time", "campaign"].includes(name) ? "ascending" : "descending");
    return html`<div class="agent-row agents-head" role="group" aria-label=${t("agents.sort")}>${columns.map((name) => html`<button class="agents-sort" aria-pressed=${this.column === name} data-testid=${`sort-${name}`} @click=${() => this.set({ column: name })}>${t(`agents.col_${name}`)}${this.column === name ? icon(sorted(name) === "ascending" ? "up" : "down", "small") : nothing}</button>`)}</div>`;
  }

  private slide(frame: HTMLElement): void {
    this.scrolled = frame.scrollTop;
    this.requestUpdate();
  }

  private get perRow(): number {
    const { width } = shapes[this.shape];
    return width ? Math.max(1, Math.floor(this.room.width / width)) : 1;
  }

  private window(agents: Judged[]): TemplateResult {
    const { height } = shapes[this.shape];
    const columns = this.perRow;
    const rows = Math.ceil(agents.length / columns);
    const first = Math.max(0, Math.floor(this.scrolled / height) - SPARE_ROWS);
    const last = Math.min(rows, Math.ceil((this.scrolled + this.room.height) / height) + SPARE_ROWS);
    const shown = agents.slice(first * columns, last * columns);
    const inner = `height: ${rows * height}px`;
    // Given to the property: the page's policy refuses the attribute, which `styleMap` would set at first.
    const place = (i: number): string => {
      const at = first * columns + i;
      const width = this.room.width / columns;
      return `transform: translate(${(at % columns) * width}px, ${Math.floor(at / columns) * height}px); width: ${width}px; height: ${height}px`;
    };
    const tabbable = shown.some(({ agent }) => agent.user === this.focused) ? this.focused : shown[0]?.agent.user;
    return html`<div class="agents-inner" role=${this.shape === "table" ? "rowgroup" : "presentation"} .style=${inner}>
      ${repeat(shown, ({ agent }) => agent.user, (agent, i) => (this.shape === "table" ? this.row(agent, first + i, place(i), tabbable) : this.tile(agent, place(i), tabbable)))}
    </div>`;
  }

  private time({ agent, since }: Judged): TemplateResult {
    const { amber, red } = limitsOf(agent, this.wall.ground);
    return html`<ticking-time class="num" since=${since} amber=${amber ?? nothing} red=${red !== null && Number.isFinite(red) ? red : nothing}></ticking-time>`;
  }

  private mark({ agent, level }: Judged): TemplateResult {
    const name = doing(agent);
    const reason = name === "PAUSED" && agent.reason ? ` · ${word("pause", agent.reason)}` : "";
    return html`<span class="doing ${level}">${icon(level === "ok" ? (icons[name] ?? "off") : level, "small")}${word("state", name)}${reason}${level === "ok" ? nothing : html`<span class="over-word"> · ${t(`level.over_${level}`)}</span>`}</span>`;
  }

  /** Asks for help, or only practises: told beside the name. */
  private marks(agent: WallAgent): TemplateResult {
    return html`${agent.help_since ? html`<span class="state-chip warn" role="img" aria-label=${t("agents.help")} title=${t("agents.help")} data-testid="help">${icon("hand", "small")}<ticking-time class="num" since=${agent.help_since}></ticking-time></span>` : nothing}${agent.training ? html`<span class="state-chip" data-testid="training">${t("agents.training")}</span>` : nothing}`;
  }

  private row(judged: Judged, index: number, place: string, tabbable: string | null | undefined): TemplateResult {
    const { agent, level } = judged;
    const number = (value: number | null | undefined, shown: (n: number) => string = count): string => (value === null || value === undefined ? "–" : shown(value));
    return html`<div class="agent-row" role="row" aria-rowindex=${index + 1} tabindex=${agent.user === tabbable ? 0 : -1} data-testid="agent" data-user=${agent.user} data-doing=${doing(agent)} data-level=${level} .style=${place}>
      <span role="cell" class="who"><b title=${agent.name}>${agent.name}</b> ${this.marks(agent)} ${agent.help_since ? nothing : html`<span class="quiet">${teamName(agent)}</span>`}</span>
      <span role="cell">${this.mark(judged)}</span>
      <span role="cell">${this.time(judged)}</span>
      <span role="cell" class="clip">${agent.campaign?.name ?? ""}</span>
      <span role="cell" class="num">${number(agent.calls)}</span>
      <span role="cell" class="num">${number(agent.contacts)}</span>
      <span role="cell" class="num">${number(agent.promises)}</span>
      <span role="cell" class="num">${number(agent.occupancy, (n) => percent(n, 0))}</span>
      <span role="cell" class="num">${number(agent.wrap_s, (n) => span(n * 1000))}</span>
      <span role="cell" class="num quiet">${number(agent.rtt, (n) => `${count(n)} ms`)}</span>
      <span role="cell">${this.completing(agent)}${this.leading(agent)}</span>
    </div>`;
  }

  /** What may be done to him is asked in a dialog, which the board holds. */
  private open(agent: WallAgent | undefined): void {
    if (agent) this.dispatchEvent(new CustomEvent("agent-open", { bubbles: true, detail: { user: agent.user, name: agent.name } }));
  }

  private leading(agent: WallAgent): TemplateResult | typeof nothing {
    if (!this.wall.may("coach") && !this.wall.may("order")) return nothing;
    return html`<button class="icon-button" tabindex="-1" data-testid="agent-open" @click=${() => this.open(agent)}>${icon("more", "small")}<span class="sr">${t("lead.open", { name: agent.name })}</span></button>`;
  }

  private completing(agent: WallAgent): TemplateResult | typeof nothing {
    if (agent.state !== "WRAP_OVER" || !this.wall.may("complete")) return nothing;
    return html`<button class="chip-button" data-testid="complete" @click=${() => this.wall.complete(agent)}>${t("agents.complete")}<span class="sr">: ${agent.name}</span></button>`;
  }

  private tile(judged: Judged, place: string, tabbable: string | null | undefined): TemplateResult {
    const { agent, level } = judged;
    return html`<div class="agent-tile-place" role="listitem" .style=${place}>
      <div class="agent-tile" tabindex=${agent.user === tabbable ? 0 : -1} data-testid="agent" data-user=${agent.user} data-doing=${doing(agent)} data-level=${level}>
        <span class="tile-line"><b class="clip">${agent.name}</b>${this.time(judged)}</span>
        ${this.mark(judged)}
        <span class="quiet num clip">${plural("agents.tile_calls", agent.calls ?? 0)} · ${plural("agents.tile_promises", agent.promises ?? 0)} ${this.marks(agent)}</span>
      </div>
    </div>`;
  }

  private press(event: KeyboardEvent, agents: Judged[]): void {
    const page = this.perRow * Math.max(1, Math.floor(this.room.height / shapes[this.shape].height) - 1);
    const step = { ArrowDown: this.perRow, ArrowUp: -this.perRow, ArrowRight: 1, ArrowLeft: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.code];
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-user]");
    const user = row?.dataset["user"];
    if (event.code === "Enter" && row === event.target) this.open(agents.find(({ agent }) => agent.user === user)?.agent);
    if (!step || !user) return;
    event.preventDefault();
    const wanted = agents.findIndex(({ agent }) => agent.user === user) + step;
    // Arrows stop at the edges where they are; pages and ends go as far as there is something.
    const next = Math.abs(step) > this.perRow ? Math.min(Math.max(wanted, 0), agents.length - 1) : wanted;
    const found = agents[next];
    if (!found || !this.frame) return;
    this.focused = found.agent.user;
    this.reveal(Math.floor(next / this.perRow));
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

customElements.define("agent-list", AgentList);
