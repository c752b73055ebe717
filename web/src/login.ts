/** The sign-in page: htmx swaps the panel, so that a refusal keeps what was typed. */
import htmx from "htmx.org";
import { t } from "./i18n";
import { endLeaving } from "./kept";
import { startShell } from "./shell";

const QUEUED = 202;

startShell();
endLeaving();

/** After a refusal the person types the password again, not the name. */
function focusPanel(): void {
  const panel = document.getElementById("login-panel");
  panel?.querySelector<HTMLElement>("[autofocus]")?.focus();
  holdBack(panel?.querySelector<HTMLElement>("[data-wait]") ?? null);
}

/** Too many tries: the button counts down instead of failing again. */
function holdBack(message: HTMLElement | null): void {
  const button = document.querySelector<HTMLButtonElement>("[data-testid=login-submit]");
  if (!message || !button) return;
  const until = performance.now() + Number(message.dataset["wait"]) * 1000;
  const tick = (): void => {
    const left = Math.ceil((until - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? t("login.wait", { seconds: left }) : t("login.submit");
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}

/** What the answer says of the queue. */
interface Turn {
  place: number;
  until: number;
  wait: number;
  token: string;
}

function turnOf(headers: Headers): Turn {
  const wait = Number(headers.get("Paceline-Wait"));
  return { place: Number(headers.get("Paceline-Place")), wait, until: performance.now() + wait, token: headers.get("Paceline-Turn") ?? "" };
}

/**
 * Many come at once: what was typed stays where it is, the place counts down, and the form is sent again when
 * the turn has come. It is said once; what counts down is seen and not read out.
 */
function queue(turn: Turn): void {
  const form = document.querySelector<HTMLFormElement>("[data-testid=login-form]");
  const button = form?.querySelector<HTMLButtonElement>("[data-testid=login-submit]");
  if (!form || !button) return;
  let line = document.querySelector<HTMLElement>("[data-testid=login-queue]");
  if (!line) {
    line = document.createElement("p");
    line.className = "message info";
    line.dataset["testid"] = "login-queue";
    line.innerHTML = '<span class="sr" role="status"></span><span role="timer"></span>';
    document.querySelector("[data-testid=login-error]")?.remove();
    form.before(line);
  }
  const [said, timer] = [line.querySelector("[role=status]"), line.querySelector("[role=timer]")];
  button.disabled = true;
  button.textContent = t("login.queue_button");
  if (said) said.textContent = t("login.queue", { place: turn.place });
  const tick = (): void => {
    const left = turn.until - performance.now();
    if (left > 0) {
      const place = Math.max(1, Math.ceil((turn.place * left) / turn.wait));
      line.dataset["place"] = String(place);
      if (timer) timer.textContent = `${t("login.queue", { place })} ${t("login.queue_left", { seconds: Math.ceil(left / 1000) })}`;
      setTimeout(tick, 250);
      return;
    }
    const held = form.elements.namedItem("turn");
    if (held instanceof HTMLInputElement) held.value = turn.token;
    button.disabled = false;
    form.requestSubmit(button);
  };
  tick();
}

interface Swap {
  ctx?: { response?: { raw?: Response } };
}

// A redirect has been followed by fetch: what came back is the next page, not a panel.
document.addEventListener("htmx:before:response", (event) => {
  const raw = (event as CustomEvent<Swap>).detail.ctx?.response?.raw;
  if (raw?.status === QUEUED) {
    event.preventDefault();
    queue(turnOf(raw.headers));
    return;
  }
  if (!raw?.redirected || new URL(raw.url).pathname === "/login") return;
  event.preventDefault();
  location.assign(raw.url);
});
document.addEventListener("htmx:after:swap", focusPanel);
document.addEventListener("htmx:error", () => {
  const button = document.querySelector<HTMLButtonElement>("[data-testid=login-submit]");
  button?.setCustomValidity(t("http.unreachable"));
  button?.reportValidity();
  setTimeout(() => button?.setCustomValidity(""), 4000);
});

focusPanel();
void htmx;
