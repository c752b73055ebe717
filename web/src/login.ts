/** The sign-in page: htmx swaps the panel, so that a refusal keeps what was typed. */
import htmx from "htmx.org";
import { t } from "./i18n";
import { endLeaving } from "./kept";
import { startShell } from "./shell";

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

interface Swap {
  ctx?: { response?: { raw?: Response } };
}

// A redirect has been followed by fetch: what came back is the next page, not a panel.
document.addEventListener("htmx:before:response", (event) => {
  const raw = (event as CustomEvent<Swap>).detail.ctx?.response?.raw;
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
