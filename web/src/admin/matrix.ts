/** The matrix of roles: one tab stop, arrows from cell to cell, Enter opens the choice of a cell. */
import { post } from "../http";
import { t, word } from "../i18n";

let at: HTMLButtonElement | null = null; // the cell that is being changed

export function startMatrix(): void {
  const table = document.querySelector<HTMLTableElement>("[data-matrix]");
  const dialog = document.querySelector<HTMLDialogElement>("[data-testid=cell-dialog]");
  if (!table || !dialog) return;
  const rows = [...table.querySelectorAll("tr")].map((row) => [...row.querySelectorAll<HTMLButtonElement>(".cell")]).filter((row) => row.length);
  rows.flat().forEach((cell, place) => (cell.tabIndex = place ? -1 : 0));
  table.addEventListener("keydown", (event) => walk(rows, event));
  table.addEventListener("click", (event) => {
    const cell = (event.target as Element).closest<HTMLButtonElement>(".cell");
    if (cell) open(dialog, cell);
  });
  dialog.querySelector("[data-cell-cancel]")?.addEventListener("click", () => dialog.close());
  dialog.querySelector("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    void save(dialog);
  });
  dialog.addEventListener("close", () => at?.focus());
}

const steps: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function walk(rows: HTMLButtonElement[][], event: KeyboardEvent): void {
  const step = steps[event.key];
  const from = (event.target as Element).closest<HTMLButtonElement>(".cell");
  if (!step || !from || event.altKey || event.ctrlKey || event.metaKey) return;
  const row = rows.findIndex((cells) => cells.includes(from));
  const column = rows[row]?.indexOf(from) ?? 0;
  const next = rows[row + step[0]]?.[column + step[1]];
  event.preventDefault();
  if (!next) return;
  from.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function open(dialog: HTMLDialogElement, cell: HTMLButtonElement): void {
  at = cell;
  const { role, permission, help, scope, scopes, locked } = cell.dataset;
  put(dialog, "h2", `${role}: ${permission}`);
  put(dialog, "[data-cell-help]", help ?? "");
  put(dialog, "[data-cell-default]", locked === undefined ? t("roles.default", { scope: word("scope", cell.dataset["default"]) }) : t("roles.locked"));
  problem(dialog, "");
  for (const radio of dialog.querySelectorAll<HTMLInputElement>("input[name=scope]")) {
    radio.checked = radio.value === scope;
    radio.disabled = locked !== undefined;
    const label = radio.closest("label");
    if (label) label.hidden = !scopes?.split(" ").includes(radio.value);
  }
  const button = dialog.querySelector<HTMLButtonElement>("[type=submit]");
  if (button) button.hidden = locked !== undefined;
  dialog.showModal();
  dialog.querySelector<HTMLInputElement>("input[name=scope]:checked")?.focus();
}

async function save(dialog: HTMLDialogElement): Promise<void> {
  const cell = at;
  const wanted = dialog.querySelector<HTMLInputElement>("input[name=scope]:checked")?.value;
  if (!cell || !wanted) return;
  if (wanted === cell.dataset["scope"]) return dialog.close();
  const [role, permission] = (cell.dataset["cell"] ?? "").split(" ");
  const answer = await post("/admin/roles", { role, permission, scope: wanted, was: cell.dataset["scope"] });
  if (!answer.ok) return problem(dialog, answer.problem.sentence);
  show(cell, wanted);
  dialog.close();
}

function show(cell: HTMLButtonElement, scope: string): void {
  cell.dataset["scope"] = scope;
  cell.textContent = word("scope_short", scope);
  const said = `${cell.dataset["role"]}, ${cell.dataset["permission"]}: ${word("scope", scope)}`;
  cell.setAttribute("aria-label", said);
  const note = document.querySelector("[data-testid=roles-saved]");
  if (note) note.textContent = t("roles.saved", { cell: said });
}

function put(dialog: HTMLDialogElement, selector: string, text: string): void {
  const place = dialog.querySelector(selector);
  if (place) place.textContent = text;
}

function problem(dialog: HTMLDialogElement, sentence: string): void {
  const place = dialog.querySelector<HTMLElement>("[data-cell-problem]");
  if (!place) return;
  place.textContent = sentence;
  place.hidden = !sentence;
}
