/**
 * Tips: what a word or a figure rests on. Opened by pointer, keyboard focus or touch; Esc closes.
 *
 * A tip lies in the browser's top layer, so no zone clips it, and is kept inside the window. Its text is
 * the description of what it belongs to, whether it is open or not.
 */
import { html, type TemplateResult } from "lit";

export type Line = readonly [about: string, text: string];

const GAP = 4;
const EDGE = 8;
/** Time to reach the tip with the pointer before it closes, ms. */
const LEAVE_MS = 200;

let holder: HTMLElement | null = null;
let leaving: number | undefined;

/** The tip `id`; what it belongs to carries `data-tip` and `aria-describedby` with the same id. */
export const tip = (id: string, body: TemplateResult | string): TemplateResult =>
  html`<div class="tip" role="tooltip" id=${id} popover="manual" data-testid=${id}>${body}</div>`;

export const lines = (rows: readonly Line[]): TemplateResult =>
  html`<dl class="tip-lines">${rows.map(([about, text]) => html`<div><dt>${about}</dt><dd>${text}</dd></div>`)}</dl>`;

const tipOf = (of: HTMLElement | null): HTMLElement | null => document.getElementById(of?.dataset["tip"] ?? "");

function open(next: HTMLElement): void {
  clearTimeout(leaving);
  if (next === holder && tipOf(holder)?.matches(":popover-open")) return;
  close();
  const shown = tipOf(next);
  if (!shown) return;
  holder = next;
  shown.showPopover();
  place(next.getBoundingClientRect(), shown);
}

function place(of: DOMRect, shown: HTMLElement): void {
  const { width, height } = shown.getBoundingClientRect();
  const left = Math.max(EDGE, Math.min(of.left, innerWidth - width - EDGE));
  const below = of.bottom + GAP;
  const above = of.top - GAP - height;
  const last = innerHeight - EDGE - height;
  const top = below <= last ? below : above >= EDGE ? above : Math.max(EDGE, last);
  shown.style.left = `${left}px`;
  shown.style.top = `${top}px`;
}

function close(): void {
  clearTimeout(leaving);
  const shown = tipOf(holder);
  if (shown?.matches(":popover-open")) shown.hidePopover();
  holder = null;
}

const held = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;

const inTip = (target: EventTarget | null): boolean => target instanceof Element && !!target.closest(".tip");

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType === "touch") return;
  const over = held(target);
  if (over) open(over);
  else if (inTip(target)) clearTimeout(leaving);
  else if (holder && holder !== document.activeElement) {
    clearTimeout(leaving);
    leaving = setTimeout(close, LEAVE_MS);
  }
});
document.addEventListener("focusin", ({ target }) => {
  const on = held(target);
  if (on?.matches(":focus-visible")) open(on);
});
document.addEventListener("focusout", ({ target }) => {
  if (held(target) === holder) close();
});
// A tap: the second one, or one beside it, closes.
document.addEventListener("click", ({ target }) => {
  const on = held(target);
  if (on) open(on);
  else if (!inTip(target)) close();
});
document.addEventListener(
  "keydown",
  (event) => {
    if (event.code !== "Escape" || !tipOf(holder)?.matches(":popover-open")) return;
    event.stopPropagation();
    close();
  },
  { capture: true },
);
