/**
 * A native field shows a day in the order of the browser's own language (11/23 or 23/11), which is often not the
 * reader's: a bank's machines speak English. The field stays native for its calendar, its keys and its limits, and
 * beside its name stands the day in words. Where a day is typed all day long, at the desk, fields are our own.
 */
import { dayInWords } from "./format";

const NATIVE = "input[type=date], input[type=datetime-local]";

function say(field: HTMLInputElement): void {
  const caption = field.labels?.[0]?.querySelector("span");
  if (!caption) return;
  let said = caption.querySelector<HTMLElement>("[data-day]");
  if (!said) {
    said = document.createElement("span");
    said.className = "quiet";
    said.dataset["day"] = "";
    caption.append(" ", said);
  }
  said.textContent = field.value ? dayInWords(field.value.slice(0, 10)) : "";
}

export function sayDays(): void {
  document.querySelectorAll<HTMLInputElement>(NATIVE).forEach(say);
  document.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.matches(NATIVE)) say(target);
  });
}
