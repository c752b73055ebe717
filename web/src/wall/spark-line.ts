/** Sixty minutes of a campaign as bars, answered above and abandoned within; the figures stand in its name. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { count } from "../format";
import { t } from "../i18n";
import type { HourCard } from "./cards";

const [WIDTH, HEIGHT, MINUTES] = [120, 28, 60];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function sparkLine({ answered, abandoned }: HourCard): TemplateResult {
  const top = Math.max(1, ...answered);
  const bar = (value: number, minute: number, tone: string): SVGTemplateResult => {
    const height = (value / top) * HEIGHT;
    return svg`<rect class=${tone} x=${(minute * WIDTH) / MINUTES} y=${HEIGHT - height} width="1.6" height=${height} />`;
  };
  const said = t("campaign.hour", { answered: count(sum(answered)), abandoned: count(sum(abandoned)), most: count(Math.max(0, ...answered)) });
  return html`<svg class="spark" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${said} data-testid="spark"><title>${said}</title>
    ${answered.map((value, minute) => (value ? bar(value, minute, "spark-answered") : ""))}
    ${abandoned.map((value, minute) => (value ? bar(value, minute, "spark-abandoned") : ""))}
  </svg>`;
}
