// SPDX-License-Identifier: ISC
// One path over time: a strip of loss, as colour and height, and a strip of delays, p50, p90 and p99.
import { h, type Node_ } from "../dom";
import { delay, percent, times } from "../format";
import { lossStep } from "../scale";
import type { Point } from "../series";
import { ticks } from "../timeline";

export interface Rate {
  at: number; // ms since 1970, of its end
  loss_ppm: number;
  p50: number; // ns; NaN: none
  p90: number;
  p99: number;
}

export function pointOf(rate: Rate): Point {
  return { at: rate.at, loss: rate.loss_ppm, rtt: rate.p50 };
}

// A line of the store: what ten seconds were.
export function rateOf(line: Record<string, any>): Rate | null {
  const rate = (line.rate ?? line) as Record<string, any>;
  const at = Date.parse(String(rate.time));
  const samples = Number(rate.samples);
  if (Number.isNaN(at) || Number.isNaN(samples)) return null;
  const known = (ns: unknown): number => (Number(ns) > 0 ? Number(ns) : NaN);
  return {
    at, loss_ppm: samples > 0 ? (Number(rate.lost) / samples) * 1e6 : NaN,
    p50: known(rate.rtt_p50_ns), p90: known(rate.rtt_p90_ns), p99: known(rate.rtt_p99_ns),
  };
}

const LOSS_HEIGHT = 56;
const DELAY_HEIGHT = 84;
const GAP = 20;

function line(rates: readonly Rate[], from: number, until: number, of: (r: Rate) => number, top: number): string {
  let text = "";
  let broken = true;
  for (const r of rates) {
    const value = of(r);
    if (r.at < from || r.at > until) continue;
    if (!(value > 0)) {
      broken = true;
      continue;
    }
    const x = ((r.at - from) / (until - from)) * 1000;
    text += `${broken ? "M" : "L"}${x.toFixed(1)} ${(DELAY_HEIGHT - (value / top) * (DELAY_HEIGHT - 4)).toFixed(1)}`;
    broken = false;
  }
  return text;
}

// The width of a bar is the time between two rates; gaps stay gaps.
function bars(rates: readonly Rate[], from: number, until: number, stepMs: number): Node_[] {
  const found: Node_[] = [];
  const seen = rates.filter((r) => r.at >= from && r.at <= until && !Number.isNaN(r.loss_ppm));
  const spacing = seen.length > 1 ? (seen[seen.length - 1]!.at - seen[0]!.at) / (seen.length - 1) : stepMs;
  const wide = Math.max(0.8, (Math.min(spacing, 1.5 * stepMs) / (until - from)) * 1000);
  const paths = ["", "", "", "", "", ""];
  for (const r of seen) {
    const x = ((r.at - from) / (until - from)) * 1000 - wide;
    const high = r.loss_ppm > 0 ? Math.max(2, Math.sqrt(Math.min(1e6, r.loss_ppm) / 1e6) * (LOSS_HEIGHT - 2)) : 1;
    paths[lossStep(r.loss_ppm)] += `M${x.toFixed(1)} ${LOSS_HEIGHT}v-${high.toFixed(1)}h${wide.toFixed(1)}v${high.toFixed(1)}Z`;
  }
  paths.forEach((d, step) => { if (d) found.push(h("path", { class: `strip f${step}`, d })); });
  return found;
}

// `stepMs`: what one rate is of.
export function strips(rates: readonly Rate[], from: number, until: number, now: Date, stepMs = 10_000): Node_ {
  const seen = rates.filter((r) => r.at >= from && r.at <= until);
  const worst = Math.max(0, ...seen.map((r) => r.loss_ppm || 0));
  const top = Math.max(1000, ...seen.map((r) => Math.max(r.p50 || 0, r.p90 || 0, r.p99 || 0))) * 1.1;
  const height = LOSS_HEIGHT + GAP + DELAY_HEIGHT + 34;
  const zone = -new Date(until).getTimezoneOffset() * 60_000;
  const part = (y: number, high: number, ...children: (Node_ | Node_[])[]): Node_ =>
    h("svg", { x: 0, y, width: "100%", height: high, viewBox: `0 0 1000 ${high}`, preserveAspectRatio: "none" }, children);
  const hasTail = seen.some((r) => r.p99 > 0);
  return h("svg", { class: "strips", width: "100%", height, role: "img",
    "aria-label": `Loss, at most ${percent(worst)}, and delay, at most ${delay(top / 1.1)}, from ${times(new Date(from), now).local} to ${times(new Date(until), now).local}` },
    ticks(from, until, innerWidth < 640 ? 4 : 9, zone).map((t) => {
      const x = (t - from) / (until - from);
      return [h("line", { class: "tick", x1: `${x * 100}%`, x2: `${x * 100}%`, y1: 0, y2: height - 18 }),
        h("text", { class: "tick-text", x: `${x * 100}%`, y: height - 5, "text-anchor": x < 0.06 ? "start" : x > 0.94 ? "end" : "middle" },
          times(new Date(t), now).local.slice(-8))];
    }),
    h("text", { class: "lane-text", x: 0, y: 11 }, `loss, at most ${percent(worst)}`),
    h("line", { class: "lane", x1: 0, x2: "100%", y1: 14 + LOSS_HEIGHT, y2: 14 + LOSS_HEIGHT }),
    h("line", { class: "lane", x1: 0, x2: "100%", y1: LOSS_HEIGHT + GAP + 14 + DELAY_HEIGHT, y2: LOSS_HEIGHT + GAP + 14 + DELAY_HEIGHT }),
    part(14, LOSS_HEIGHT, bars(rates, from, until, stepMs)),
    h("text", { class: "lane-text", x: 0, y: LOSS_HEIGHT + GAP + 11 }, `delay, at most ${delay(top / 1.1)}${hasTail ? ": p50, p90, p99 ever lighter" : ", median"}`),
    part(LOSS_HEIGHT + GAP + 14, DELAY_HEIGHT,
      h("path", { class: "delay-line p99", d: line(seen, from, until, (r) => r.p99, top) }),
      h("path", { class: "delay-line p90", d: line(seen, from, until, (r) => r.p90, top) }),
      h("path", { class: "delay-line p50", d: line(seen, from, until, (r) => r.p50, top) })));
}
