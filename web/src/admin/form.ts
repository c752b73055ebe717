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

/** Fields as the server wants them: `data-number`, `data-words` (commas), a group of ticks as `data-list`. */
export function read(form: HTMLFormElement): Body {
  const body: Body = {};
  for (const list of form.querySelectorAll<HTMLElement>("[data-list]")) body[list.dataset["list"] ?? ""] = [];
  for (const field of form.querySelectorAll<Field>("input[name], select[name], textarea[name]")) {
    const list = body[field.name];
    if (Array.isArray(list)) {
      if (field instanceof HTMLInputElement && field.checked) list.push(field.value);
    } else body[field.name] = value(field);
  }
  return body;
}

function value(field: Field): unknown {
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  if ("number" in field.dataset) return Math.trunc(Number(field.value));
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
  const place = form.querySelector(`[data-problem="${CSS.escape(field.name)}"]`);
  if (place) place.textContent = "";
}

function refuse(form: HTMLFormElement, problem: Problem): void {
  const name = problem.field ?? "";
  const place = name ? form.querySelector(`[data-problem="${CSS.escape(name)}"]`) : null;
  const field = form.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]`);
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
