/**
 * Is there a headset, and is it heard? Asked on the way to READY, by whatever telephone this desk has.
 *
 * Without one (the simulator speaks for everybody, or a telephone on the desk) nothing is required.
 */
import { boot } from "../boot";

export type HeadsetResult = "PASSED" | "FAILED" | "NOT_REQUIRED";

type Check = () => Promise<boolean | null>;

let put: (check: Check) => void;
const placed = new Promise<Check>((resolve) => {
  put = resolve;
});

/** The telephone in the page puts its own check here as soon as it is loaded. */
export function checkHeadsetWith(own: Check): void {
  put(own);
}

/** Null when the agent put the check away: nothing was found, and he does not want to go on. */
export async function checkHeadset(): Promise<HeadsetResult | null> {
  if (!boot.softphone) return "NOT_REQUIRED";
  const heard = await (await placed)().catch(() => false);
  return heard === null ? null : heard ? "PASSED" : "FAILED";
}
