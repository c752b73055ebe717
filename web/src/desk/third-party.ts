/** Somebody else has picked up: amounts and reasons leave the screen at once. */
import type { Leaf } from "../cards";

/** The tree names the branch in the leaf's code; quick key 8 is that branch by the house's tree. */
export const isThirdParty = (leaf: Leaf | null): boolean =>
  !!leaf && (/^(THIRD_PARTY|TP_|3P_)/.test(leaf.leaf) || ("key" in leaf && leaf.key === "8"));
