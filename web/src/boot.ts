/** What the page was born with: the JSON block of the template, read once. */
import type { Boot } from "./cards";

function readBoot(): Boot {
  const block = document.getElementById("boot");
  if (!block?.textContent) throw new Error("the page holds no boot block");
  return JSON.parse(block.textContent) as Boot;
}

export const boot: Boot = readBoot();
