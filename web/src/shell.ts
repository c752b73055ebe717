/** What every page has: theme and language switches, remembered in cookies the server reads. */
import { language, t, type Key } from "./i18n";

const YEAR_S = 31_536_000;
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

function nextTheme(): void {
  const now = document.documentElement.dataset["theme"] ?? "system";
  const next = themes[(themes.indexOf(now as (typeof themes)[number]) + 1) % themes.length] ?? "system";
  remember("theme", next);
  showTheme(next);
}

export function startShell(): void {
  const theme = recall("theme");
  if (theme && (themes as readonly string[]).includes(theme)) showTheme(theme);
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-action]");
    if (button?.dataset["action"] === "theme") nextTheme();
    if (button?.dataset["action"] === "language") {
      remember("language", button.dataset["language"] ?? language);
      location.reload();
    }
  });
}
