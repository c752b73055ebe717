/**
 * Is there a headset, and is it heard? Asked on the way to READY, by whatever telephone this desk has.
 *
 * Without one (the simulator speaks for everybody) nothing is required, and the page says so.
 */
import { boot } from "../boot";

export type HeadsetResult = "PASSED" | "FAILED" | "NOT_REQUIRED";

/** A telephone in the page puts its own check here. */
let check: () => Promise<boolean> = microphone;

export function checkHeadsetWith(own: () => Promise<boolean>): void {
  check = own;
}

export async function checkHeadset(): Promise<HeadsetResult> {
  if (!boot.softphone) return "NOT_REQUIRED";
  return (await check().catch(() => false)) ? "PASSED" : "FAILED";
}

/** The browser may open a microphone, and one is plugged in. */
async function microphone(): Promise<boolean> {
  const heard = await navigator.mediaDevices.getUserMedia({ audio: true });
  const found = heard.getAudioTracks().some(({ readyState, muted }) => readyState === "live" && !muted);
  for (const track of heard.getTracks()) track.stop();
  return found;
}
