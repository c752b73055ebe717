/** Our own line icons on a 24 grid, one stroke width. Always beside a word: hidden from screen readers. */
import { svg, type SVGTemplateResult } from "lit";

const paths = {
  ready: svg`<circle cx="12" cy="12" r="8.5"/><path d="m8.5 12.3 2.5 2.5 4.6-5.3"/>`,
  call: svg`<path d="M6.3 3.8h3l1.5 4-2 1.6a12.5 12.5 0 0 0 5.8 5.8l1.6-2 4 1.5v3a1.8 1.8 0 0 1-1.9 1.8A16.2 16.2 0 0 1 4.5 5.7 1.8 1.8 0 0 1 6.3 3.8Z"/>`,
  wrap: svg`<path d="m14.5 5.5 4 4L8 20H4v-4Z"/><path d="m12.5 7.5 4 4"/>`,
  pause: svg`<path d="M8.5 5v14M15.5 5v14"/>`,
  off: svg`<circle cx="12" cy="12" r="8.5"/>`,
  lost: svg`<path d="M4 4l16 16M8.2 14.6a5.5 5.5 0 0 1 6.2-1M5 11.2a10 10 0 0 1 4.3-2.4M13.5 8.3A10 10 0 0 1 19 11.2M12 18.5h.01"/>`,
  link: svg`<path d="M5 11.2a10 10 0 0 1 14 0M8.2 14.6a5.5 5.5 0 0 1 7.6 0M12 18.5h.01"/>`,
  review: svg`<rect x="5" y="3.5" width="14" height="17" rx="2"/><path d="M8.5 8.5h7M8.5 12h7M8.5 15.5h4"/>`,
  mic: svg`<rect x="9" y="3.5" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>`,
  micoff: svg`<path d="M4 4l16 16M15 10V6.5a3 3 0 0 0-5.7-1.3M9 9.5v2a3 3 0 0 0 4.5 2.6M5.5 11.5a6.5 6.5 0 0 0 10.3 5.3M18.3 13a6.5 6.5 0 0 0 .2-1.5M12 18v3"/>`,
  hold: svg`<circle cx="12" cy="12" r="8.5"/><path d="M10 9v6M14 9v6"/>`,
  hangup: svg`<path d="M3.5 14.5c0-5 17-5 17 0v1.5a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1v-2a14 14 0 0 0-7 0v2a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1Z"/>`,
  bad: svg`<circle cx="12" cy="12" r="8.5"/><path d="m9 9 6 6m0-6-6 6"/>`,
  warn: svg`<path d="M12 4 2.8 19.5h18.4Z"/><path d="M12 10v4.5M12 17h.01"/>`,
  info: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8h.01"/>`,
  ok: svg`<path d="m5 12.5 4.5 4.5L19 7"/>`,
  up: svg`<path d="M12 19V5M6 11l6-6 6 6"/>`,
  down: svg`<path d="M12 5v14M6 13l6 6 6-6"/>`,
  next: svg`<path d="M5 12h14M13 6l6 6-6 6"/>`,
  back: svg`<path d="M19 12H5M11 6l-6 6 6 6"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>`,
  card: svg`<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="M3 10h18M7 15h3"/>`,
  handshake: svg`<path d="M12 20.5s-8-4.7-8-10.3A4.5 4.5 0 0 1 12 7.5a4.5 4.5 0 0 1 8 2.7c0 5.6-8 10.3-8 10.3Z"/>`,
  shield: svg`<path d="M12 3.5 5 6v5.5c0 4.3 3 7.5 7 9 4-1.5 7-4.7 7-9V6Z"/>`,
  history: svg`<path d="M4 12a8 8 0 1 0 2.4-5.7L4 8.5"/><path d="M4 4v4.5h4.5M12 8v4.5l3 1.8"/>`,
  loan: svg`<path d="M4 9.5 12 4l8 5.5M5.5 10v8M10 10v8M14 10v8M18.5 10v8M3.5 20h17"/>`,
  stop: svg`<path d="M8 3.5h8L20.5 8v8L16 20.5H8L3.5 16V8Z"/><path d="M8.5 12h7"/>`,
  play: svg`<path d="M7.5 5v14l11-7Z"/>`,
  people: svg`<circle cx="9" cy="8.5" r="3.5"/><path d="M3 19.5c0-3.3 2.7-5.5 6-5.5s6 2.2 6 5.5M16 5.5a3.3 3.3 0 0 1 0 6M17.5 14.3c2.1.7 3.5 2.6 3.5 5.2"/>`,
  bell: svg`<path d="M6 10a6 6 0 0 1 12 0c0 5 2 6.5 2 6.5H4S6 15 6 10ZM10 20h4"/>`,
  search: svg`<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`,
  grid: svg`<rect x="4" y="4" width="6.5" height="6.5" rx="1"/><rect x="13.5" y="4" width="6.5" height="6.5" rx="1"/><rect x="4" y="13.5" width="6.5" height="6.5" rx="1"/><rect x="13.5" y="13.5" width="6.5" height="6.5" rx="1"/>`,
  rows: svg`<path d="M4 6h16M4 12h16M4 18h16"/>`,
  tune: svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>`,
  hand: svg`<path d="M12 3v8M8.5 5v7M15.5 5v7M19 8v6.5A6.5 6.5 0 0 1 12.5 21C9 21 7.5 19 5 14.5c1.2-1 2.4-.7 3.5.8"/>`,
  screen: svg`<rect x="3" y="4.5" width="18" height="12" rx="1.5"/><path d="M9 20.5h6"/>`,
  more: svg`<path d="M5.5 12h.01M12 12h.01M18.5 12h.01"/>`,
  ear: svg`<path d="M7 9a5 5 0 0 1 10 0c0 4-3.5 4.5-3.5 8a3 3 0 0 1-5.5 1.7M10 9.5a2 2 0 1 1 3.4 1.4c-.9.9-1.9 1.2-1.9 2.6"/>`,
  speech: svg`<path d="M4 5.5h16v11H11l-4.5 4v-4H4Z"/>`,
} as const;

export type IconName = keyof typeof paths;

/** What an agent does, by the words of his state and status; each page adds its own. */
export const workIcons = {
  NOT_READY: "off",
  READY: "ready",
  PAUSED: "pause",
  RESERVED: "call",
  DIALING: "call",
  IN_CALL: "call",
  HELD: "hold",
  WRAP_UP: "wrap",
  WRAP_OVER: "wrap",
  REVIEW: "review",
} as const satisfies Record<string, IconName>;

export const icon = (name: IconName, extra = ""): SVGTemplateResult =>
  svg`<svg class="icon ${extra}" viewBox="0 0 24 24" aria-hidden="true">${paths[name]}</svg>`;
