/** Below the bar: which part of the floor is looked at, sound, numbers, and the screen for the wall. */
import { html, nothing, type TemplateResult } from "lit";
import { t } from "../i18n";
import { icon } from "../icons";
import "./alert-bell";
import { branchOf, teamId, teamName } from "./cards";
import { vietnamese } from "./name-order";
import { WallPart } from "./part";
import { writePlace, type Filter } from "./place";
import "./threshold-form";
import type { ThresholdForm } from "./threshold-form";

interface Option {
  id: string;
  name: string;
}

export class WallTools extends WallPart {
  override render(): TemplateResult {
    const { place } = this.wall;
    const tv = writePlace({ ...place, view: "tv", state: "" });
    return html`<div class="wall-tools" role="group" aria-label=${t("wall.filter")}>
      ${this.select("branch", t("filter.branch"), t("filter.all_branches"), this.branches)}
      ${this.select("team", t("filter.team"), t("filter.all_teams"), this.teams)}
      ${this.select("campaign", t("filter.campaign"), t("filter.all_campaigns"), this.wall.campaigns.map(({ id, name }) => ({ id, name })))}
      ${this.wall.filtered ? html`<button class="chip-button" data-testid="filter-clear" @click=${() => this.wall.filter({ branch: "", team: "", campaign: "" })}>${icon("close", "small")}${t("filter.clear")}</button>` : nothing}
      <span class="bar-gap"></span>
      <alert-bell></alert-bell>
      ${this.wall.may("thresholds") ? html`<button class="chip-button" data-testid="thresholds" @click=${() => this.form?.open()}>${icon("tune", "small")}${t("thresholds.short")}</button>` : nothing}
      <a class="chip-button" href=${tv} target="_blank" rel="noopener" data-testid="view-tv">${icon("screen", "small")}${t("wall.tv")}</a>
      <threshold-form></threshold-form>
    </div>`;
  }

  private get form(): ThresholdForm | null {
    return this.querySelector("threshold-form");
  }

  private get branches(): Option[] {
    return unique(this.wall.crews.map((agent) => ({ id: branchOf(agent), name: branchOf(agent) })));
  }

  private get teams(): Option[] {
    const { branch } = this.wall.place;
    return unique(this.wall.crews.filter((agent) => !branch || branchOf(agent) === branch).map((agent) => ({ id: teamId(agent), name: teamName(agent) })));
  }

  /** A filter is shown when there is something to choose, or when it is set. */
  private select(name: Exclude<Filter, "state">, label: string, all: string, options: Option[]): TemplateResult | typeof nothing {
    const chosen = this.wall.place[name];
    if (options.length < 2 && !chosen) return nothing;
    const choose = (event: Event): void => {
      const value = (event.target as HTMLSelectElement).value;
      this.wall.filter(name === "branch" ? { branch: value, team: "" } : { [name]: value });
    };
    const known = options.some(({ id }) => id === chosen) || !chosen;
    return html`<select aria-label=${label} data-testid=${`filter-${name}`} @change=${choose}>
      <option value="" ?selected=${!chosen}>${all}</option>
      ${options.map(({ id, name: shown }) => html`<option value=${id} ?selected=${id === chosen}>${shown}</option>`)}
      ${known ? nothing : html`<option value=${chosen} selected>–</option>`}
    </select>`;
  }
}

function unique(options: Option[]): Option[] {
  const found = new Map(options.filter(({ id }) => id).map((option) => [option.id, option]));
  return [...found.values()].sort((a, b) => vietnamese(a.name, b.name));
}

customElements.define("wall-tools", WallTools);
