/** `form[data-preview]`: what the form would say, drawn anew while it is typed; leaving it unsaved is asked about. */
import { post } from "../http";
import { read } from "./form";

const PAUSE_MS = 250;

export function startPreview(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-preview]");
  const place = document.querySelector<HTMLElement>("[data-preview-place]");
  const sample = document.querySelector<HTMLSelectElement>("[data-sample]");
  if (!form || !place || !sample) return;
  let timer: number | undefined;
  let asked = 0;
  let unsaved = false;
  const draw = async (): Promise<void> => {
    const turn = (asked += 1);
    const answer = await post<{ html: string }>(form.dataset["preview"] ?? "", { ...read(form), sample: sample.value });
    // A newer one may be on its way; without an answer the last one stays, and saving says what is wrong.
    if (!answer.ok || turn !== asked) return;
    const page = new DOMParser().parseFromString(answer.html, "text/html");
    place.replaceChildren(...page.body.childNodes);
  };
  sample.addEventListener("change", () => void draw());
  form.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(() => void draw(), PAUSE_MS);
  });
  form.addEventListener("submit", () => (unsaved = false));
  addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
}
