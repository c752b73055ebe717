/** Teams as cards, those with trouble first. A card leads to the team's agents. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { count, percent } from "../format";
import { plural, t, word, type Key } from "../i18n";
import { icon, type IconName } from "../icons";
import type { TeamCard } from "./cards";
import { teamId } from "./cards";
import { attained } from "./figures";
import { levelIcon } from "./floor-tiles";
import { HeldOrder } from "./held-order";
import { vietnamese } from "./name-order";
import { WallPart } from "./part";
import { writePlace } from "./place";
import { doing, levelAt, rank, worst, type Judged, type Level } from "./thresholds";

const MOST_PROBLEMS = 2;

interface Problem {
  level: Level;
  what: string;
  n: number;
}

interface Shown {
  team: TeamCard;
  level: Level;
  problems: Problem[];
  troubled: number;
}

export class TeamCards extends WallPart {
  private readonly held = new HeldOrder<Shown>(({ team }) => team.id);

  /** Red before amber, more trouble before less, the rest by name. A total order. */
  private static compare(a: Shown, b: Shown): number {
    return rank[a.level] - rank[b.level] || b.troubled - a.troubled || vietnamese(a.team.name, b.team.name) || a.team.id.localeCompare(b.team.id);
  }

  private shown(): Shown[] {
    const crews = new Map<string, Judged[]>();
    for (const judged of this.wall.troubled) {
      const team = teamId(judged.agent);
      const crew = crews.get(team);
      if (crew) crew.push(judged);
      else crews.set(team, [judged]);
    }
    const all = this.wall.shownTeams.map((team) => {
      const problems = problemsOf(crews.get(team.id) ?? []);
      return { team, problems, level: worst(problems.map(({ level }) => level)), troubled: crews.get(team.id)?.length ?? 0 };
    });
    const touched = this.matches(":hover, :focus-within");
    return this.held.sort(all, TeamCards.compare, performance.now(), touched);
  }

  override render(): TemplateResult {
    const shown = this.shown();
    return html`<section class="teams" aria-label=${t("wall.teams")} data-testid="teams" @keydown=${(event: KeyboardEvent) => this.press(event)}>
      <h2 class="panel-head">${t("wall.teams")} <span class="quiet">${t("teams.order")}</span></h2>
      ${shown.length ? html`<ul class="team-cards">${repeat(shown, ({ team }) => team.id, (each) => this.card(each))}</ul>` : html`<p class="wall-empty" data-testid="teams-empty">${this.wall.loaded ? t(this.wall.filtered ? "agents.no_match" : "agents.none") : t("state.LOADING")}</p>`}
    </section>`;
  }

  private press(event: KeyboardEvent): void {
    const cards = [...this.querySelectorAll<HTMLElement>(".team-card")];
    const at = cards.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    const columns = cards.filter((card) => card.offsetTop === cards[0]?.offsetTop).length || 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.code];
    const next = step ? cards[at + step] : undefined;
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  private card({ team, level, problems }: Shown): TemplateResult {
    const { agents } = team;
    const part = (name: IconName, label: string, n = 0): TemplateResult => html`<span class="part" title=${label}>${icon(name, "small")}<span class="sr">${label}</span>${count(n)}</span>`;
    const to = { ...this.wall.place, view: "agents", team: team.id, state: "" } as const;
    const open = (event: MouseEvent): void => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.wall.show("agents", { team: team.id });
    };
    return html`<li><a class="team-card" href=${writePlace(to)} data-testid="team" data-team=${team.id} data-level=${level} @click=${open}>
      <span class="team-line"><b class="clip">${team.name}</b><span class="num">${count(agents.total ?? 0)}</span></span>
      <span class="parts num">${part("call", t("state.IN_CALL"), agents.in_call)}${part("ready", t("state.READY"), agents.ready)}${part("wrap", t("state.WRAP_UP"), agents.wrap_up)}${part("pause", t("state.PAUSED"), agents.paused)}${agents.lost ? part("lost", t("state.LOST"), agents.lost) : nothing}</span>
      <span class="team-problems">${problems.length ? problems.slice(0, MOST_PROBLEMS).map((problem) => html`<span class="team-problem ${problem.level}-text">${icon(levelIcon[problem.level], "small")}${problemText(problem)}</span>`) : html`<span class="team-problem quiet">${icon("ok", "small")}${t("teams.fine")}</span>`}</span>
      <span class="team-day quiet num">${this.day(team)}</span>
    </a></li>`;
  }

  private day(team: TeamCard): TemplateResult {
    const reached = attained(team.promises, team.plan.promises);
    const level = levelAt(reached, this.wall.settings["ATTAINMENT"]);
    const share = reached === null ? nothing : html` · <span class="${level}-text">${level === "ok" ? nothing : icon(levelIcon[level], "small")}${t("teams.attained", { share: percent(reached, 0) })}</span>`;
    return html`${plural("teams.contacts", team.contacts)} · ${plural("teams.promises", team.promises)}${share}`;
  }
}

/** Troubled agents by what they do and how bad that is; the worst and most frequent first. */
function problemsOf(crew: readonly Judged[]): Problem[] {
  const found = new Map<string, Problem>();
  for (const { agent, level } of crew) {
    const what = doing(agent);
    const key = `${what}.${level}`;
    const problem = found.get(key) ?? { level, what, n: 0 };
    problem.n += 1;
    found.set(key, problem);
  }
  return [...found.values()].sort((a, b) => rank[a.level] - rank[b.level] || b.n - a.n || a.what.localeCompare(b.what));
}

function problemText({ what, n }: Problem): string {
  const key = `problem.${what}`;
  return word("problem", what, "") ? t(key as Key, { count: count(n) }) : `${count(n)} ${word("state", what)}`;
}

customElements.define("team-cards", TeamCards);
