/** Figures as people read them: money, phones, days, instants, lengths of time. Pure. */
import { language } from "./i18n";

const locale = language === "en" ? "en-GB" : "vi-VN";
let zone = "Asia/Ho_Chi_Minh";

/** The business zone: instants are shown in it whatever this computer's zone is. */
export function useZone(name: string): void {
  zone = name;
  stamps.clear();
}

const integers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const NBSP = "\u00A0";
const stamps = new Map<string, Intl.DateTimeFormat>();

function stamp(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  let format = stamps.get(name);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
    stamps.set(name, format);
  }
  return format;
}

/** Digits after the point of a currency's minor unit. */
export function exponent(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
    .maximumFractionDigits ?? 0;
}

/** `5.420.000 ₫`, `$145.50`: minor units in, never a float on the way for whole-unit currencies. */
export function money(minor: number, currency: string): string {
  const digits = exponent(currency);
  const text = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(minor / 10 ** digits);
  return currency === "VND" ? `${integers.format(minor)}${NBSP}₫` : text;
}

/** `18,4 tỷ ₫` / `18.4bn ₫`: for tiles, where five digits of an amount say nothing. */
export function shortMoney(minor: number, currency: string): string {
  const units = minor / 10 ** exponent(currency);
  const steps: [number, string, string][] = [
    [1e9, "tỷ", "bn"],
    [1e6, "tr", "m"],
  ];
  for (const [size, vi, en] of steps) {
    if (Math.abs(units) < size) continue;
    const figure = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(units / size);
    const sign = currency === "VND" ? "₫" : currency;
    return language === "en" ? `${figure}${en}${NBSP}${sign}` : `${figure}${NBSP}${vi}${NBSP}${sign}`;
  }
  return money(minor, currency);
}

export const count = (n: number): string => integers.format(n);

/** `2,1 %`: `share` is already a percentage. */
export function percent(share: number, digits = 1): string {
  const figure = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share);
  return language === "en" ? `${figure}%` : `${figure}${NBSP}%`;
}

/** A limit as it was set: `3 %`, `2,5 %`. */
export const bound = (share: number): string => percent(share, Number.isInteger(share) ? 0 : 1);

export function decimal(value: number, digits = 2): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** `+84912345678` and `0912345678` to `0912 345 678`; foreign numbers stay as they are. */
export function phone(number: string): string {
  const local = number.startsWith("+84") ? `0${number.slice(3)}` : number;
  if (!/^0\d{9,10}$/.test(local)) return number;
  return `${local.slice(0, 4)} ${local.slice(4, 7)} ${local.slice(7)}`;
}

/** ISO `2026-11-20` to `20/11/2026`, or `20/11` when `short`. */
export function day(iso: string, short = false): string {
  const [year, month, date] = iso.slice(0, 10).split("-");
  return short ? `${date}/${month}` : `${date}/${month}/${year}`;
}

export const clockTime = (ms: number): string =>
  stamp("time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);

export const clockSeconds = (ms: number): string =>
  stamp("seconds", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(ms);

/** ISO day of an instant in the business zone. */
export function isoDay(ms: number): string {
  const parts = stamp("day", { year: "numeric", month: "2-digit", day: "2-digit" })
    .format(ms)
    .split("/");
  return `${parts[2]}-${parts[1]}-${parts[0]}`;
}

/** `14:20` today, else `18/11 14:20`. */
export function moment(ms: number, now: number): string {
  const iso = isoDay(ms);
  return iso === isoDay(now) ? clockTime(ms) : `${day(iso, true)} ${clockTime(ms)}`;
}

/** `00:04`, `12:44`, `1:02:09`. Never negative. */
export function span(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const rest = `${String(Math.floor((total % 3600) / 60)).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** The amount typed by a person, in minor units; null when it is not one. `2.000.000`, `2tr`, `2m`. */
export function parseAmount(text: string, currency: string): number | null {
  const cleaned = text.trim().toLowerCase().replace(/[₫\s]|vnd|đ$/g, "");
  const short = /^(\d+(?:[.,]\d+)?)(k|tr|m)$/.exec(cleaned);
  const digits = exponent(currency);
  if (short?.[1]) {
    const size = short[2] === "k" ? 1e3 : 1e6;
    return Math.round(Number(short[1].replace(",", ".")) * size * 10 ** digits);
  }
  if (digits === 0) return /^\d[\d.,]*$/.test(cleaned) ? Number(cleaned.replace(/[.,]/g, "")) : null;
  const plain = cleaned.replace(/,(?=\d{3}\b)/g, "").replace(",", ".");
  return /^\d+(\.\d{1,3})?$/.test(plain) ? Math.round(Number(plain) * 10 ** digits) : null;
}

const NAME_LIMIT = 32;

/** Fits the headline of the instant panel: a longer name loses middle words, never family or given name. */
export function shortName(name: string): string {
  if (name.length <= NAME_LIMIT) return name;
  const words = name.split(" ");
  const end = words.splice(-2).join(" ");
  while (words.length > 1 && words.join(" ").length + end.length + 3 > NAME_LIMIT) words.pop();
  return `${words.join(" ")} … ${end}`;
}

/** Reads `vi` amounts aloud enough for a screen reader: no symbol, the word for the currency. */
export function spokenMoney(minor: number, currency: string): string {
  if (currency !== "VND") return money(minor, currency);
  return `${integers.format(minor)} ${language === "en" ? "dong" : "đồng"}`;
}

const days = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });

/** `Thứ Hai, 23 tháng 11` / `Monday 23 November` of an ISO day. */
export const dayInWords = (iso: string): string => days.format(new Date(`${iso}T00:00:00Z`));
