/** The care page: each row is a form that is sent as a deed; what was decided leaves the list. */
import { post } from "./http";
import { t } from "./i18n";
import { startGround } from "./pages";

startGround();

const part = (testid: string): HTMLElement | null => document.querySelector(`[data-testid=${testid}]`);

function show(testid: string, text: string | null): void {
  const place = part(testid);
  if (!place) return;
  place.hidden = text === null;
  if (text) place.textContent = text;
}

async function decide(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button");
  const { over, ...body } = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value || null]));
  // Over is over: a day left in the field means nothing then.
  if (over === "yes") body["again_on"] = null;
  const day = form.querySelector<HTMLInputElement>("[name=again_on]");
  day?.setCustomValidity(over === "no" && !body["again_on"] ? t("care.again_missing") : "");
  if (day && !day.reportValidity()) return;
  if (button) button.disabled = true;
  const answer = await post(form.dataset["post"] ?? "", { ...body, comment: body["comment"] ?? "" });
  if (button) button.disabled = false;
  show("care-problem", answer.ok ? null : answer.problem.sentence);
  if (!answer.ok) return;
  const stays = body["status"] === "IN_REVIEW" || !!body["again_on"];
  if (stays) return location.reload();
  const row = form.closest<HTMLElement>(".care-row");
  const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector<HTMLElement>("select, input:not([type=hidden])");
  row?.remove();
  const done = part("care-done");
  if (done) done.hidden = false;
  (next ?? document.getElementById("main"))?.focus();
}

document.addEventListener("input", ({ target }) => (target as HTMLInputElement).setCustomValidity?.(""));
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.dataset["post"]) return;
  event.preventDefault();
  void decide(form);
});
