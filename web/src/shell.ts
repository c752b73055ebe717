/** What every page has: theme and language switches, remembered in cookies the server reads. */
import { language, t, type Key } from "./i18n";
import { beginLeaving } from "./kept";

const YEAR_S = 31_536_000;
/** A page does not wait longer than this for the server before it reloads, ms. */
const LEAVE_MS = 1000;
const themes = ["system", "light", "dark"] as const;

function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

function recall(name: string): string | undefined {
  return document.cookie
    .split("; ")
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function showTheme(theme: string): void {
  document.documentElement.dataset["theme"] = theme;
  for (const word of document.querySelectorAll("[data-theme-word]")) {
    word.textContent = t(`theme.${theme}` as Key);
  }
}

/** Tells the server what was chosen; nobody does where nobody is signed in. */
export type Prefer = (choice: { theme?: string; language?: string }) => Promise<unknown>;

function nextTheme(prefer: Prefer): void {
  const now = document.documentElement.dataset["theme"] ?? "system";
  const next = themes[(themes.indexOf(now as (typeof themes)[number]) + 1) % themes.length] ?? "system";
  remember("theme", next);
  showTheme(next);
  void prefer({ theme: next });
}

async function turnLanguage(wanted: string, prefer: Prefer): Promise<void> {
  remember("language", wanted);
  await Promise.race([prefer({ language: wanted }), new Promise((resolve) => setTimeout(resolve, LEAVE_MS))]);
  location.reload();
}

export function startShell(prefer: Prefer = () => Promise.resolve()): void {
  const theme = recall("theme");
  if (theme && (themes as readonly string[]).includes(theme)) showTheme(theme);
  document.addEventListener("submit", (event) => {
    if ((event.target as Element).matches("[data-sign-out]")) beginLeaving();
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-action]");
    if (button?.dataset["action"] === "theme") nextTheme(prefer);
    if (button?.dataset["action"] === "language") {
      void turnLanguage(button.dataset["language"] ?? language, prefer);
    }
  });
}
