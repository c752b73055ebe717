/**
 * `[data-live]`: fetched anew every three seconds while it is looked at; focus and opened rows stay.
 * `data-settled` says that nothing will change by itself any more.
 */
import { t } from "../i18n";

const EVERY_MS = 3000;
const ANSWER_MS = 8000;
const opened = new Set<string>();

export function startLive(): void {
  if (!document.querySelector("[data-live]")) return;
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-more]");
    if (button) turn(button);
  });
  document.addEventListener("visibilitychange", () => !document.hidden && void refresh());
  setInterval(() => void refresh(), EVERY_MS);
}

function turn(button: HTMLElement): void {
  const key = button.dataset["more"] ?? "";
  if (!opened.delete(key)) opened.add(key);
  unfold();
}

function unfold(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-more]")) {
    const key = button.dataset["more"] ?? "";
    button.setAttribute("aria-expanded", String(opened.has(key)));
    const more = document.getElementById(`more-${key}`);
    if (more) more.hidden = !opened.has(key);
  }
}

/** Which control has the focus, in words that survive a redraw. */
function focused(live: HTMLElement): string | null {
  const at = document.activeElement as HTMLElement | null;
  if (!at || !live.contains(at)) return null;
  const { order, body, more } = at.dataset;
  if (more) return `[data-more="${more}"]`;
  return order ? `[data-order="${order}"][data-body='${body ?? ""}']` : null;
}

export async function refresh(): Promise<void> {
  const live = document.querySelector<HTMLElement>("[data-live]");
  if (!live || live.dataset["settled"] || document.hidden || document.querySelector("dialog[open]")) return;
  const fresh = await fetchLive();
  note(fresh ? "" : t("sessions.behind"));
  if (!fresh || document.querySelector("dialog[open]")) return;
  const focus = focused(live);
  live.dataset["at"] = fresh.dataset["at"] ?? "";
  live.dataset["settled"] = fresh.dataset["settled"] ?? "";
  live.replaceChildren(...fresh.childNodes);
  unfold();
  document.dispatchEvent(new Event("live"));
  if (focus) live.querySelector<HTMLElement>(focus)?.focus();
}

async function fetchLive(): Promise<HTMLElement | null> {
  try {
    const headers = { Accept: "text/html" };
    const response = await fetch(location.pathname, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
    if (!response.ok || response.redirected) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector<HTMLElement>("[data-live]");
  } catch {
    return null;
  }
}

function note(sentence: string): void {
  const place = document.querySelector("[data-live-note]");
  if (place && place.textContent !== sentence) place.textContent = sentence;
}
