/** Outcomes that say that somebody else has picked up: amounts and reasons leave the screen at once. */
import type { Leaf } from "../cards";

export const isThirdParty = (leaf: Leaf | null): boolean => !!leaf?.leaf.startsWith("THIRD_PARTY_");
