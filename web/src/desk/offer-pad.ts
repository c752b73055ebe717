/** Zone D before a call: may this customer be called, dial or pass him over; then, that it rings. */
import { html, nothing, type TemplateResult } from "lit";
import { clockTime, phone } from "../format";
import { t, type Key } from "../i18n";
import { icon } from "../icons";
import { ariaKeys, hint } from "../keys";
import { SKIPS, tryWord } from "./choosing";
import type { DIGITS } from "../chords";
import type { DeskModel } from "./model";

export function offerPad(desk: DeskModel): TemplateResult {
  const dialing = desk.known === "DIALING";
  return html`<header class="zone-head">
      <h2 class="zone-title">${dialing ? t("offer.dialing_heading") : t("offer.heading")}</h2>
      ${dialing ? nothing : last(desk)}<span class="bar-gap"></span>
      ${dialing || !desk.agent?.deadline
        ? nothing
        : html`<span class="countdown" data-testid="offer-clock">${icon("clock", "small")}<ticking-time class="num" until=${desk.agent.deadline}></ticking-time></span>`}
    </header>
    <div class="offer" data-testid="offer">${dialing ? ringing(desk) : deciding(desk)}</div>`;
}

function deciding(desk: DeskModel): TemplateResult {
  const { call, choosing } = desk;
  const { rule } = choosing;
  const off = desk.state === "DISCONNECTED" || !!desk.busy;
  return html`<p class="offer-number num" data-testid="offer-number">${call ? phone(call.number) : ""}</p>
    <p class="offer-verdict ${rule ? "bad" : "ok"}" id="offer-verdict" data-testid="offer-verdict" data-rule=${rule ?? ""}>
      ${icon(rule ? "stop" : "ok", "small")}<span>${rule ? t("offer.barred", { why: tryWord(rule) }) : t("offer.allowed")}${rule && call?.until ? ` · ${t("offer.until", { time: clockTime(call.until) })}` : ""}</span>
    </p>
    <button class="button primary big" data-testid="dial" aria-describedby="offer-verdict" aria-keyshortcuts=${ariaKeys("dial")} ?disabled=${off || !!rule} @click=${() => choosing.dial()}>
      ${icon("call")}<span>${t("offer.dial")}</span><kbd>${hint("dial")}</kbd>
    </button>
    ${others(desk, off)}
    <p class="quiet offer-end">${t(call?.dials ? "offer.then_dial" : "offer.then_back")}</p>
    <p class="offer-or" id="offer-or">${t("offer.skip")}</p>
    <div class="pad offer-skips" role="group" aria-labelledby="offer-or">
      ${SKIPS.map((reason, at) => {
        const key = String(at + 1) as (typeof DIGITS)[number];
        return html`<div class="outcome-place"><button class="outcome" ?disabled=${off} aria-keyshortcuts=${ariaKeys(`outcome-${key}`)} data-testid=${`skip-${reason}`} @click=${() => choosing.skip(reason)}>
          <kbd>${key}</kbd><span>${t(`offer.skip_${reason}` as Key)}</span></button></div>`;
      })}
    </div>`;
}

/** The customer's other numbers: each is dialled by its own button, or says why it may not be. */
function others(desk: DeskModel, off: boolean): TemplateResult | typeof nothing {
  const more = desk.call?.others ?? [];
  if (!more.length) return nothing;
  const labels = new Map((desk.screen?.cards.phones ?? []).map(({ number, label }) => [number, label]));
  return html`<ul class="offer-others" aria-label=${t("offer.others")}>
    ${more.map(
      ({ phone: id, number, rule }) => html`<li><button class="chip-button" data-testid="dial-other" data-rule=${rule ?? ""} ?disabled=${off || !!rule} @click=${() => desk.choosing.dial(id)}>${icon(rule ? "stop" : "call", "small")}<span class="num">${phone(number)}</span></button>
        <span class="quiet">${rule ? tryWord(rule) : (labels.get(number) ?? "")}</span></li>`,
    )}
  </ul>`;
}

function ringing(desk: DeskModel): TemplateResult {
  const { call } = desk;
  const rings = call?.state === "RINGING";
  return html`<p class="offer-number num">${call ? phone(call.number) : ""}</p>
    <p class="offer-verdict" role="status" data-testid="ringing" data-call=${call?.state ?? ""}>${icon("call", "small")}<span>${t(rings ? "offer.rings" : "offer.dials")}</span></p>
    <button class="button big end ${desk.hangupArmed ? "armed" : ""}" data-testid="cancel-dial" aria-keyshortcuts=${ariaKeys("hangup")} @click=${() => desk.hangUp()}>
      ${icon("hangup")}<span>${desk.hangupArmed ? t("bar.hangup_again") : t("offer.cancel")}</span><kbd>${hint("hangup")}</kbd>
    </button>
    <p class="quiet offer-end">${t("offer.rings_help")}</p>`;
}

/** How the call before this one ended, when nobody spoke. */
export function last(desk: DeskModel): TemplateResult | typeof nothing {
  const tried = desk.agent?.tried;
  if (!tried) return nothing;
  return html`<p class="offer-last" data-testid="tried" data-code=${tried}>${icon("history", "small")}<span>${t("offer.last", { how: tryWord(tried) })}</span></p>`;
}
