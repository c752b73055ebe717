/** For a screen on the wall of the room: six figures and the teams, large; nothing cycles, nobody is shamed. */
import { html, type TemplateResult } from "lit";
import { clockSeconds } from "../format";
import { t } from "../i18n";
import { icon } from "../icons";
import "./floor-tiles";
import { WallPart } from "./part";
import { writePlace } from "./place";
import "./team-cards";

export class TvView extends WallPart {
  override render(): TemplateResult {
    const { wall } = this;
    const back = writePlace({ ...wall.place, view: "floor" });
    const follow = (event: MouseEvent): void => {
      event.preventDefault();
      wall.show("floor");
    };
    const critical = wall.active.filter(({ severity }) => severity === "CRIT").length;
    return html`<div class="tv" data-testid="tv">
      <p class="tv-head">
        <span class="num tv-clock">${clockSeconds(wall.clock.now())}</span>
        ${wall.stale && wall.loaded ? html`<span class="state-chip warn" data-testid="tv-stale">${icon("lost")}${wall.floor ? t("wall.stale_at", { time: clockSeconds(wall.floor.stream_at ?? wall.floor.now) }) : t("wall.resync")}</span>` : ""}
        ${wall.stopped ? html`<span class="state-chip bad">${icon("stop")}${t("stop.standing")}</span>` : ""}
        ${critical ? html`<span class="state-chip bad" data-testid="tv-critical">${icon("bad")}${t("tv.critical", { count: critical })}</span>` : ""}
        <span class="bar-gap"></span>
        <a class="chip-button" href=${back} data-testid="tv-leave" @click=${follow}>${t("wall.tv_leave")}</a>
      </p>
      <floor-tiles></floor-tiles>
      <team-cards></team-cards>
    </div>`;
  }
}

customElements.define("tv-view", TvView);
