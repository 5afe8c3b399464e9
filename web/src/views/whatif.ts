// SPDX-License-Identifier: ISC
// Where everything would go: what the daemon says of a drain, as numbers, as traffic and as a flow from way to way.
import { askLines } from "../api";
import { h, type Children, type Node_ } from "../dom";
import { count, family, rate } from "../format";
import { empty } from "../parts";
import type { Tone } from "../scale";

export interface Summary {
  family: string;
  prefixes: number;
  moved: number;
  lost: number;
  one_way: number;
  gained: Record<string, number>;
}

export interface Span {
  least: number;
  most: number | null; // null: nobody knows
}

export interface Traffic {
  way: string;
  drained: boolean;
  capacity_bps: number | null;
  limit_bps: number | null;
  use_bps: number | null;
  ipv4?: Span;
  ipv6?: Span;
  untold?: Span;
  gains?: Span;
  after?: Span | null;
  over?: Span | null;
  fits?: boolean | null;
}

export interface Effect {
  summaries: Summary[];
  traffic: Traffic[];
}

export async function whatifLines(object: string): Promise<Effect> {
  const lines = await askLines("whatif", { object });
  return {
    summaries: lines.flatMap((line) => (line.summary ? [line.summary as Summary] : [])),
    traffic: lines.flatMap((line) => (line.traffic ? [line.traffic as Traffic] : [])),
  };
}

export function spanText(span: Span): string {
  const least = rate(span.least);
  return span.most === null ? `${least} or more` : rate(span.most) === least ? least : `${least} to ${rate(span.most)}`;
}

const isSome = (span?: Span | null): span is Span => !!span && span.most !== 0;

function verdict(way: Traffic): [Tone, string] {
  if (way.fits) return ["good", "it fits"];
  if (way.over && way.over.least > 0) return ["bad", `${spanText(way.over)} would be lost`];
  if (way.fits === false) return ["watch", `more than its headroom leaves (${rate(way.limit_bps)})`];
  if (way.capacity_bps === null) return ["watch", "what it can carry is not known"];
  if (way.use_bps === null) return ["watch", "what it carries now is not known"];
  if (way.over?.most === null) return ["watch", "how much leaves is not known"];
  return ["watch", "it fits or not, by where the untold goes"];
}

// Of one way; null: nothing of it changes.
export function trafficWords(way: Traffic): [Tone, string] | null {
  if (way.drained)
    return ["mute", way.use_bps === null ? `What ${way.way} carries is not known.` : `${rate(way.use_bps)} leave ${way.way}.`];
  if (!isSome(way.gains)) return null;
  const comes = ([["IPv4", way.ipv4], ["IPv6", way.ipv6], ["untold", way.untold]] as const)
    .flatMap(([name, span]) => (isSome(span) ? [`${spanText(span)} ${name}`] : []));
  const [tone, words] = verdict(way);
  const of = way.capacity_bps === null ? "" : ` of ${rate(way.capacity_bps)}`;
  const then = way.after ? `, then ${spanText(way.after)}${of}` : "";
  return [tone, `To ${way.way}: ${comes.join(", ")}${then}: ${words}.`];
}

function trafficLines(traffic: readonly Traffic[]): Children {
  const shapes: Partial<Record<Tone, string>> = { bad: "■ ", watch: "▲ ", good: "● " };
  return traffic.map((way) => {
    const said = trafficWords(way);
    return said && h("li", { class: said[0] }, shapes[said[0]] ? h("span", { "aria-hidden": "true" }, shapes[said[0]]) : null, said[1]);
  });
}

export function effectLines({ summaries, traffic }: Effect): Node_ {
  return h("ul", { class: "bullets" },
    summaries.map((s) => h("li", null, s.moved === 0 ? `${family(s.family)}: none of ${s.prefixes} prefixes would move.`
      : `${family(s.family)}: ${count(s.moved, "prefix", "prefixes")} of ${s.prefixes} would move: ${Object.entries(s.gained)
        .map(([way, n]) => `${n} to ${way}`).join(", ") || "nowhere"}.`)),
    summaries.map((s) => s.lost > 0 ? h("li", { class: "bad" }, h("span", { "aria-hidden": "true" }, "■ "),
      `${family(s.family)}: ${count(s.lost, "prefix", "prefixes")} would have no way left.`) : null),
    summaries.map((s) => s.one_way > 0 ? h("li", { class: "watch" }, h("span", { "aria-hidden": "true" }, "▲ "),
      `${family(s.family)}: ${count(s.one_way, "prefix", "prefixes")} would have one way left.`) : null),
    trafficLines(traffic));
}

interface Band {
  to: string;
  family: string;
  prefixes: number;
}

export function bands(summaries: readonly Summary[]): Band[] {
  const list: Band[] = [];
  for (const s of summaries) {
    for (const [to, prefixes] of Object.entries(s.gained)) if (prefixes > 0) list.push({ to, family: s.family, prefixes });
    if (s.lost > 0) list.push({ to: "", family: s.family, prefixes: s.lost });
  }
  return list.sort((a, b) => (a.to === "" ? 1 : 0) - (b.to === "" ? 1 : 0) || b.prefixes - a.prefixes);
}

const WIDTH = 720, NARROW = 720; // of the drawing; of a page where the name stands above, not beside
const BAR = 14;
const ROW_GAP = 12;
const FLOW_HEIGHT = 150;
const BAND_MIN = 16;

// From the one that is drained, left, to those that gain, right; as wide as there are prefixes.
export function flow(object: string, summaries: readonly Summary[]): Children {
  const list = bands(summaries);
  if (list.length === 0) return empty("Nothing would move: no prefix uses it now.");
  const total = list.reduce((sum, b) => sum + b.prefixes, 0);
  const heights = list.map((b) => Math.max(BAND_MIN, (b.prefixes / total) * FLOW_HEIGHT));
  const height = heights.reduce((sum, x) => sum + x, 0);
  const whole = height + ROW_GAP * (list.length - 1);
  const isNarrow = innerWidth <= NARROW, width = isNarrow ? Math.max(280, innerWidth - 64) : WIDTH;
  const start = isNarrow ? BAR : 170, end = width - (isNarrow ? 140 : 230), above = isNarrow ? 24 : 4;
  let left = (whole - height) / 2;
  let right = 0;
  const rows = list.map((band, i) => {
    const high = heights[i]!;
    const y0 = left, y1 = right;
    left += high;
    right += high + ROW_GAP;
    const tone = band.to === "" ? "bad" : band.family === "ipv6" ? "six" : "four";
    const middle = (start + end) / 2;
    return [
      h("path", { class: `band ${tone}`, d: `M${start} ${y0}C${middle} ${y0} ${middle} ${y1} ${end} ${y1}v${high}C${middle} ${y1 + high} ${middle} ${y0 + high} ${start} ${y0 + high}Z` }),
      h("rect", { class: `band-end ${tone}`, x: end, y: y1, width: BAR, height: high, rx: 2 }),
      h("text", { class: "band-text", x: end + BAR + 8, y: y1 + high / 2 + 4 },
        `${band.to === "" ? "■ no way left" : band.to}: ${band.prefixes} ${family(band.family)}`),
    ];
  });
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Where it would go" },
    h("svg", { class: "flow", viewBox: `0 ${-above} ${width} ${whole + above + 4}`, width, height: whole + above + 4, role: "img",
      "aria-label": `From ${object}: ${list.map((b) => `${b.prefixes} ${family(b.family)} prefixes to ${b.to === "" ? "nowhere" : b.to}`).join(", ")}` },
      rows,
      h("rect", { class: "band-from", x: start - BAR, y: (whole - height) / 2, width: BAR, height, rx: 2 }),
      h("text", { class: "band-text", x: isNarrow ? 0 : start - BAR - 8, y: isNarrow ? -8 : whole / 2 + 4, "text-anchor": isNarrow ? "start" : "end" },
        object.replace(/^\w+ /, ""))));
}
