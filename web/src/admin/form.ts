/** `form[data-deed]`: sent as one deed; a refusal is said at its field, and nothing typed is lost. */
import { post, type Problem } from "../http";
import { t } from "../i18n";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type Body = Record<string, unknown>;

export function startForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-deed]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
    form.addEventListener("input", (event) => {
      say(form, "[data-saved]", "");
      forgive(form, event.target as Field);
    });
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  clear(form);
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (button) button.disabled = true;
  const answer = await post<{ next?: string; version?: number }>(form.dataset["deed"] ?? "", read(form));
  if (button) button.disabled = false;
  if (!answer.ok) return refuse(form, answer.problem);
  if (answer.next) return location.assign(answer.next);
  const version = form.elements.namedItem("version");
  if (version instanceof HTMLInputElement) version.value = String(answer.version);
  say(form, "[data-saved]", t("admin.saved"));
}

/**
 * Fields as the server wants them. A name such as `windows.0.opens` is a place within: numbers count rows.
 * `data-list` holds a group of ticks; the other `data-` words say how a value is written;
 * with `data-scale="60"` minutes are sent as seconds.
 */
export function read(form: HTMLFormElement): Body {
  const body: Body = {};
  const lists = new Map<string, unknown[]>();
  for (const group of form.querySelectorAll<HTMLElement>("[data-list]")) {
    const name = group.dataset["list"] ?? "";
    lists.set(name, []);
    put(body, name, lists.get(name));
  }
  for (const field of form.querySelectorAll<Field>("input[name], select[name], textarea[name]")) {
    const list = lists.get(field.name);
    if (!list) put(body, field.name, value(field));
    else if (field instanceof HTMLInputElement && field.checked) list.push("number" in field.dataset ? Number(field.value) : field.value);
  }
  return body;
}

function put(body: Body, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? path;
  let at = body;
  names.forEach((name, place) => {
    at = (at[name] ??= /^\d+$/.test(names[place + 1] ?? last) ? [] : {}) as Body;
  });
  at[last] = value;
}

function value(field: Field): unknown {
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  if ("optional" in field.dataset && !field.value.trim()) return null;
  if ("scale" in field.dataset) return Math.round(Number(field.value) * Number(field.dataset["scale"]));
  if ("number" in field.dataset || "optional" in field.dataset) return Math.trunc(Number(field.value));
  if ("decimal" in field.dataset) return Number(field.value);
  if ("words" in field.dataset) return field.value.split(",").map((word) => word.trim()).filter(Boolean);
  return field.value;
}

function clear(form: HTMLFormElement): void {
  for (const place of form.querySelectorAll("[data-problem]")) place.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  say(form, "[data-form-problem]", "");
  say(form, "[data-saved]", "");
}

/** What is being put right is not called wrong any longer. */
function forgive(form: HTMLFormElement, field: Field): void {
  if (!field.hasAttribute("aria-invalid")) return;
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
  const place = placeOf(form, field.name.split(".")[0] ?? "");
  if (place) place.textContent = "";
}

const placeOf = (form: HTMLFormElement, name: string): Element | null =>
  name ? form.querySelector(`[data-problem="${CSS.escape(name)}"]`) : null;

function refuse(form: HTMLFormElement, problem: Problem): void {
  const name = problem.field ?? "";
  const place = placeOf(form, name);
  const quoted = CSS.escape(name);
  const field = form.querySelector<HTMLElement>(`[name="${quoted}"], [name^="${quoted}."]`);
  if (!place || !field) return say(form, "[data-form-problem]", problem.sentence);
  place.textContent = problem.sentence;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", place.id);
  field.focus();
}

function say(form: HTMLFormElement, selector: string, sentence: string): void {
  const place = form.querySelector(selector);
  if (place && place.textContent !== sentence) place.textContent = sentence;
}
