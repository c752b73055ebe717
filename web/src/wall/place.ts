/** Where on the wall one is: the view and its filters, as the address holds them. No names of people. Pure. */
export const views = ["floor", "campaigns", "agents", "alerts", "tv"] as const;
export type View = (typeof views)[number];

export interface Place {
  view: View;
  branch: string;
  team: string;
  campaign: string;
  /** What agents do, for their list; `OVER`: whoever is beyond a limit. */
  state: string;
}

export const filters = ["branch", "team", "campaign", "state"] as const;
export type Filter = (typeof filters)[number];

export function readPlace(search: string): Place {
  const said = new URLSearchParams(search);
  const view = views.find((name) => name === said.get("view")) ?? "floor";
  const read = (name: Filter): string => said.get(name) ?? "";
  return { view, branch: read("branch"), team: read("team"), campaign: read("campaign"), state: read("state") };
}

/** `?view=agents&team=…`; the view is always said, so that an address means the same tomorrow. */
export function writePlace(place: Place): string {
  const said = new URLSearchParams({ view: place.view });
  for (const name of filters) if (place[name]) said.set(name, place[name]);
  return `?${said.toString()}`;
}
