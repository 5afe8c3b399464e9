// SPDX-License-Identifier: ISC
// Numbers and times as people read them. Pure: times come in, none is asked for.

const NONE = "–";

// Two figures, and never a loss that is there shown as none.
export function percent(ppm: number): string {
  const value = ppm / 1e4;
  if (!Number.isFinite(value)) return NONE;
  if (value === 0) return "0 %";
  if (value < 0.01) return "<0.01 %";
  return (value < 0.1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : value.toFixed(0)) + " %";
}

export function delay(ns: number): string {
  if (!(ns > 0)) return NONE;
  const ms = ns / 1e6;
  return (ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)) + " ms";
}

// The coarsest two units that matter: 4 s, 4 min 10 s, 3 h 2 min, 2 d 4 h.
export function duration(ns: number): string {
  const seconds = Math.max(0, Math.floor(ns / 1e9));
  if (seconds < 60) return `${seconds} s`;
  const two = (big: number, unit: string, small: number, smaller: string): string =>
    small ? `${big} ${unit} ${small} ${smaller}` : `${big} ${unit}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, "min", minutes < 10 ? seconds % 60 : 0, "s");
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? two(hours, "h", minutes % 60, "min") : two(Math.floor(hours / 24), "d", hours % 24, "h");
}

export function rate(bps: number | null): string {
  if (bps === null || bps === undefined) return "not known";
  const units = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];
  let unit = 0;
  for (; bps >= 1000 && unit < units.length - 1; unit++) bps /= 1000;
  return `${bps < 10 && unit > 0 ? bps.toFixed(1) : bps.toFixed(0)} ${units[unit]}`;
}

export function nats(millinats: number): string {
  const value = millinats / 1000;
  return (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(1);
}

export function family(name: string): string {
  return name === "ipv6" ? "IPv6" : name === "ipv4" ? "IPv4" : name;
}

export function count(n: number, one: string, many = one + "s"): string {
  return `${n} ${n === 1 ? one : many}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

export interface Times {
  local: string; // 12:34:56, in the reader's zone
  utc: string; // 10:34:56 UTC; with its date when that is not the reader's today
  iso: string;
}

// `today` says what needs no date.
export function times(at: Date, today: Date, withMs = false): Times {
  if (Number.isNaN(at.getTime())) return { local: NONE, utc: NONE, iso: "" };
  const ms = withMs ? "." + String(at.getMilliseconds()).padStart(3, "0") : "";
  const isToday = at.toDateString() === today.toDateString();
  const date = isToday ? "" : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `;
  const day = isToday && at.getDate() === at.getUTCDate() ? "" : at.toISOString().slice(0, 10) + " ";
  return {
    local: `${date}${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}${ms}`,
    utc: `${day}${at.toISOString().slice(11, 19)}${ms} UTC`,
    iso: at.toISOString(),
  };
}

// How the reader's zone is called: "CEST", "GMT+2".
export function zoneName(at: Date): string {
  const part = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" })
    .formatToParts(at)
    .find((p) => p.type === "timeZoneName");
  return part?.value ?? "local";
}

// Control bytes and marks that turn the direction of a text are shown, not obeyed: a text of a peer may
// neither hide a part of itself nor pass for another. Ends of lines and tabs are no more than spaces.
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\ufffb]/g,
    (c) => (c < " " ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : c === "\u007f" ? "\u2421"
      : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}
