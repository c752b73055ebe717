/** The filter above a list: hides rows on this page; what is typed goes nowhere, least of all into an address. */
import { plain } from "../plain";

export function startFinding(): void {
  const field = document.querySelector<HTMLInputElement>("[data-find]");
  field?.addEventListener("input", find);
  document.addEventListener("live", find);
}

export function find(): void {
  const wanted = plain(document.querySelector<HTMLInputElement>("[data-find]")?.value ?? "").trim();
  let shown = 0;
  for (const row of document.querySelectorAll<HTMLElement>("[data-row]")) {
    row.hidden = !plain(row.textContent ?? "").includes(wanted);
    if (!row.hidden) shown += 1;
  }
  const none = document.querySelector<HTMLElement>("[data-none]");
  if (none) none.hidden = shown > 0;
}
