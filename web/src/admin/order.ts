/** `button[data-order]`: one order to the server, asked about first when it says `data-ask`. */
import { post } from "../http";
import { refresh } from "./live";

interface Done {
  next?: string;
  [name: string]: unknown;
}

export function startOrders(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-order]");
    if (button) void give(button);
  });
}

async function give(button: HTMLButtonElement): Promise<void> {
  const question = button.dataset["ask"];
  if (question && !(await ask(question))) return;
  await send(button, JSON.parse(button.dataset["body"] ?? "{}") as Record<string, unknown>);
}

async function send(button: HTMLButtonElement, body: Record<string, unknown>): Promise<void> {
  problem("");
  button.disabled = true;
  const answer = await post<Done>(button.dataset["order"] ?? "", body);
  button.disabled = false;
  if (answer.ok) return done(button, answer);
  const busy = button.dataset["askBusy"];
  if (answer.problem.code === "IN_CALL" && busy) {
    if (await ask(busy)) await send(button, { ...body, in_call: true });
    return;
  }
  problem(answer.problem.sentence);
}

function done(button: HTMLButtonElement, answer: Done): void {
  const shown = button.dataset["show"];
  const place = document.querySelector<HTMLOutputElement>("[data-shown]");
  if (shown && place) place.value = String(answer[shown]);
  else if (answer.next ?? button.dataset["next"]) location.assign(answer.next ?? button.dataset["next"] ?? "");
  else void refresh();
}

function problem(sentence: string): void {
  const place = document.querySelector("[data-order-problem]");
  if (place) place.textContent = sentence;
}

/** The page's own question; Escape means no. */
function ask(question: string): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>("[data-ask-dialog]");
  const title = dialog?.querySelector("h2");
  if (!dialog || !title) return Promise.resolve(true);
  title.textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
