// SPDX-License-Identifier: ISC
// What happened, on one axis of time: sentences of the daemon sorted into lanes, and where each mark stands.
// Pure.
import type { Tone } from "./scale";
import type { Fact } from "./types";

export const LANES = ["packets", "decisions", "routes", "alarms", "changes", "people", "daemon"] as const;
export type Lane = (typeof LANES)[number];

// By how the daemon begins its sentences (engine/narrate.c); the first that fits.
const WORDS: readonly [RegExp, Lane, Tone][] = [
  [/^outage \d+, \w+, (well|over)\b/, "decisions", "good"],
  [/^outage \d+, \w+, mitigated\b/, "decisions", "watch"],
  [/^outage \d+/, "decisions", "bad"],
  [/^incident \d+, .*: (held|trial|closed)\b/, "decisions", "good"],
  [/^incident \d+/, "decisions", "watch"],
  [/^(no move|no run|undo:)/, "decisions", "bad"],
  [/^(plan|advice|waits for approval|only looking)\b/, "decisions", "watch"],
  [/^own prefixes are offered otherwise /, "decisions", "watch"],
  [/^own prefixes are offered as before /, "decisions", "bad"],
  [/^hook /, "decisions", "watch"],
  [/^fault \d+ (over)/, "packets", "good"],
  [/^fault \d+/, "packets", "bad"],
  [/ ((is|are) suspected to lose|gives? no usable samples)/, "packets", "watch"],
  [/ loses? /, "packets", "bad"],
  [/ ((is|are) good again|gives? usable samples again)$/, "packets", "good"],
  [/^(announced to|withdrawn from)/, "routes", "good"],
  [/^not announced to/, "routes", "bad"],
  [/^letting go of everything/, "routes", "bad"],
  [/^the BGP session with .* is down/, "routes", "bad"],
  [/^the BGP session/, "routes", "good"],
  [/^alarm:/, "alarms", "bad"],
  [/^warning: change /, "changes", "watch"],
  [/^(change|configuration changed) /, "changes", "watch"],
  [/^(warning:|over after )/, "alarms", "watch"],
  [/^the \w+ process is alive/, "daemon", "good"],
  [/^the \w+ process is/, "daemon", "bad"],
  [/^(page \d+|drain \d+|lift \d+|maintenance )| asked for /, "people", "watch"],
];

export function laneOf(text: string): { lane: Lane; tone: Tone } {
  for (const [pattern, lane, tone] of WORDS) if (pattern.test(text)) return { lane, tone };
  return { lane: "daemon", tone: "mute" };
}

export interface Event_ {
  at: number; // ms since 1970
  text: string;
  more: number;
  lane: Lane;
  tone: Tone;
}

// Oldest first; of the same moment as they were said. `facts` come newest first.
export function events(facts: readonly Fact[], from: number, until = Infinity): Event_[] {
  const list: Event_[] = [];
  for (let i = facts.length - 1; i >= 0; i--) {
    const fact = facts[i]!;
    const at = Date.parse(fact.time);
    if (at >= from && at <= until) list.push({ at, text: fact.text, more: fact.more ?? 0, ...laneOf(fact.text) });
  }
  return list.sort((a, b) => a.at - b.at);
}

export interface Dot {
  x: number; // 0 to 1
  tone: Tone;
  events: Event_[];
}

const WORSE: Record<Tone, number> = { mute: 0, good: 1, watch: 2, bad: 3 };

// Marks that would cover each other are one, as grave as its gravest.
export function dots(list: readonly Event_[], from: number, until: number, apart = 0.012): Dot[] {
  const found: Dot[] = [];
  const span = Math.max(1, until - from);
  for (const event of list) {
    const x = Math.min(1, Math.max(0, (event.at - from) / span));
    const last = found[found.length - 1];
    if (last && x - last.x < apart) {
      last.events.push(event);
      if (WORSE[event.tone] > WORSE[last.tone]) last.tone = event.tone;
    } else {
      found.push({ x, tone: event.tone, events: [event] });
    }
  }
  return found;
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

// Whole steps of the clock, at most `most` of them. `zoneOffsetMs`: local less UTC, so that hours are whole there.
export function ticks(from: number, until: number, most: number, zoneOffsetMs = 0): number[] {
  const span = Math.max(1, until - from);
  const step = 1000 * (STEPS_S.find((s) => span / (s * 1000) <= most) ?? Math.ceil(span / most / 86_400_000) * 86_400);
  const found: number[] = [];
  for (let at = Math.ceil((from + zoneOffsetMs) / step) * step; at <= until + zoneOffsetMs; at += step)
    found.push(at - zoneOffsetMs);
  return found;
}
