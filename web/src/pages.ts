/** What pages share: the shell and its keys; for those that live by the socket also store and clock. */
import { boot } from "./boot";
import { FORBIDDEN, SIGNED_OUT } from "./closing";
import { useZone } from "./format";
import { post } from "./http";
import { Keys, singleKeys, useKeys } from "./keys";
import { ServerClock } from "./server-clock";
import { sayDays } from "./said-days";
import { startShell } from "./shell";
import { ShortcutList } from "./shortcut-list";
import { NoTicket, Socket, type Link } from "./socket";
import { Store } from "./store";
import { startTicking } from "./ticking";

/** Read by browser tests and the bench; part of the page, not of any API. */
export interface Rt {
  seq: number;
  lastEventAt: number;
  popLatencyMs: number | null;
  /** The last call whose screen was painted. */
  painted: string | null;
  /** Every painting of this page's life, newest last, at most 500. */
  paints: { call: string; at: number; popLatencyMs: number; err: number; late: boolean }[];
}

declare global {
  interface Window {
    __rt: Rt;
  }
}

export interface Ground {
  store: Store;
  clock: ServerClock;
  keys: Keys;
  /** `wants`: which channels are this page's. A wall that took the desk's would push the desk out. */
  connect: (onLink: (link: Link) => void, wants: Wants) => Socket;
}

type Wants = (channel: string) => boolean;

/** Which script this page runs, `desk-4F2A`: told to the hub, so that a page of yesterday is seen. */
function version(): string {
  const script = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  return script?.src.split("/").pop()?.replace(/\.js$/, "") ?? "";
}

async function fetchTicket(wants: Wants): Promise<{ ticket: string; url: string; want: string[] }> {
  const answer = await post<{ ticket: string; url: string; channels: string[] }>("/ws/ticket", {});
  if (answer.ok) {
    const want = answer.channels.filter(wants);
    if (!want.length) throw new NoTicket(FORBIDDEN);
    return { ticket: answer.ticket, url: `${answer.url}?v=${encodeURIComponent(version())}`, want };
  }
  if (answer.problem.status === 401) throw new NoTicket(SIGNED_OUT);
  if (answer.problem.status === 403) throw new NoTicket(FORBIDDEN);
  throw new Error(answer.problem.sentence);
}

/** For every page of somebody signed in. */
export function startGround(): Keys {
  startShell((choice) => post("/me/preferences", choice));
  if (typeof boot.user.single_keys === "boolean") singleKeys.on = boot.user.single_keys;
  useKeys(boot.keys ?? {});
  if (boot.zone) useZone(boot.zone);
  sayDays();
  const keys = new Keys();
  startShortcuts(keys);
  return keys;
}

export function layGround(): Ground {
  const keys = startGround();
  const store = new Store();
  const clock = new ServerClock(boot.server_now);
  window.__rt = { seq: 0, lastEventAt: 0, popLatencyMs: null, painted: null, paints: [] };
  startTicking(clock);
  return { store, clock, keys, connect: (onLink, wants) => connect(store, clock, onLink, wants) };
}

function connect(store: Store, clock: ServerClock, onLink: (link: Link) => void, wants: Wants): Socket {
  return new Socket({
    store,
    clock,
    fetchTicket: () => fetchTicket(wants),
    onLink,
    receipted: (key) => key.startsWith("screen:"),
    onFrame: (_channel, offset) => {
      window.__rt.seq = Math.max(window.__rt.seq, offset);
      window.__rt.lastEventAt = clock.now();
    },
  });
}

function startShortcuts(keys: Keys): void {
  const list = new ShortcutList();
  list.keys = keys;
  list.onSwitch = (on) => void post("/me/preferences", { single_keys: on });
  list.onKeys = async (keys) => (await post("/me/preferences", { keys })).ok;
  document.body.append(list);
  const toggle = (): void => {
    list.requestUpdate();
    list.toggle();
  };
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-action=keys]")) toggle();
  });
  keys.add({ id: "list", label: "key.list", group: "all", run: toggle });
}
