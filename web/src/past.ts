// SPDX-License-Identifier: ISC
// How each path was at a time: out of the daemon's store, or as this page saw it.
import { ask } from "./api";
import type { Load, Series, Verdict } from "./series";
import type { Fact } from "./types";

export interface Slot {
  from: number; // ms since 1970
  until: number;
  loss: number; // ppm; NaN: nothing was measured
  out: number; // ppm of it on the way out, and on the way back; NaN: nobody counted
  back: number;
  rtt: number; // ns; NaN
}

export interface Past {
  from: number;
  until: number;
  slots: Map<string, Slot[]>; // of a path, oldest first
  facts: Fact[]; // newest first, as of a picture
  verdicts: Map<string, readonly Verdict[]>; // likewise
  carried: Map<string, readonly Load[]>; // of an upstream, likewise
}

const SLOTS_MAX = 360; // of one path: no screen shows more
const STORE_SLOT_S = 10;
const LEAD_MS = 600_000; // what an upstream carries is told at least so often, as the engine has it (use.h)
const ANSWERS_MAX = 20; // of one question; a day of many paths takes a few
const FACTS_MAX = 200; // of which a view shows a few, when the same of several paths is one
const PAGE_GAP_MS = 5_000; // between two pictures; longer ones were missed

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : NaN;
}

// A line of the store: what some seconds were, that end at its time.
export function slotOf(line: Record<string, unknown>, stepS: number): Slot | null {
  const until = Date.parse(String(line.time));
  const samples = numberOf(line.samples);
  if (Number.isNaN(until)) return null;
  const share = (lost: unknown): number => (samples > 0 ? (numberOf(lost) / samples) * 1e6 : NaN);
  const rtt = numberOf(line.rtt_p50_ns);
  return {
    from: until - stepS * 1000, until, loss: share(line.lost), out: share(line.lost_forward), back: share(line.lost_reverse),
    rtt: rtt > 0 ? rtt : NaN,
  };
}

// So long a time in one slot that a path has no more of them than are shown.
export function stepFor(from: number, until: number, slotsMax = SLOTS_MAX): number {
  return Math.max(1, Math.ceil((until - from) / 1000 / slotsMax / STORE_SLOT_S)) * STORE_SLOT_S;
}

type Line = Record<string, unknown>;

// All lines of the store, whose answers are bounded and say from when there is more.
export async function allLines(what: string, from: number, until: number, stepS = 0, of = ""): Promise<Line[]> {
  const lines: Line[] = [];
  let since = String(Math.floor(from / 1000));
  for (let asked = 0; since && asked < ANSWERS_MAX; asked++) {
    const answer = await ask<{ lines?: Line[]; done?: { next?: string | null } }>("history",
      { what, of, from: since, until: String(Math.ceil(until / 1000)), step: String(stepS) });
    for (const line of answer.lines ?? []) lines.push(line);
    const next = answer.done?.next ?? "";
    since = next === since ? "" : next;
  }
  return lines;
}

export async function loadSlots(from: number, until: number): Promise<Map<string, Slot[]>> {
  const stepS = stepFor(from, until), all = new Map<string, Slot[]>();
  // A slot that is under way at the end is told when it ends.
  for (const line of await allLines("rates", from, until + stepS * 1000, stepS)) {
    const slot = slotOf(line, stepS), path = String(line.path);
    const slots = all.get(path) ?? [];
    if (slot) slots.push(slot);
    all.set(path, slots);
  }
  return all;
}

// What detectors said of paths, oldest first. As in the engine (watch.c): a path may fall silent in any state, and
// is in that state again when it is heard; what was proven stays until it is cleared.
export function verdictsOf(lines: readonly Line[]): Map<string, Verdict[]> {
  const all = new Map<string, Verdict[]>(), states = new Map<string, string>(); // a state: "" is not known
  for (const line of lines) {
    const signal = String(line.signal), at = Date.parse(String(line.time)), path = String(line.path);
    const known = states.get(path) ?? "", list = all.get(path) ?? [];
    const state = signal === "clear" ? "good" : signal === "confirmed" || (signal === "suspect" && known === "confirmed") ? "confirmed"
      : signal === "suspect" ? "suspect" : known;
    if (line.effect !== "signal" || Number.isNaN(at)) continue;
    const before = list[list.length - 1]?.after ?? (signal === "suspect" ? "good" : signal === "heard" ? "silent" : "");
    states.set(path, state);
    list.push({ at, before, after: signal === "silent" ? "silent" : state });
    all.set(path, list);
  }
  return all;
}

export function carriedOf(lines: readonly Line[]): Map<string, Load[]> {
  const all = new Map<string, Load[]>();
  for (const line of lines) {
    const at = Date.parse(String(line.time)), bps = numberOf(line.out_bps), upstream = String(line.upstream);
    if (line.effect !== "use" || Number.isNaN(at) || !(bps >= 0)) continue;
    const list = all.get(upstream) ?? [];
    list.push({ at, bps });
    all.set(upstream, list);
  }
  return all;
}

// What stood when it began was told before.
export async function loadPast(from: number, until: number): Promise<Past> {
  const [slots, lines] = await Promise.all([loadSlots(from, until), allLines("facts", from - LEAD_MS, until)]);
  const facts = lines.filter((line) => typeof line.said === "string" && line.said !== "" && Date.parse(String(line.time)) >= from)
    .map((line) => ({ time: String(line.time), text: String(line.said), more: 0 })).reverse();
  return { from, until, slots, facts, verdicts: verdictsOf(lines), carried: carriedOf(lines) };
}

// Bits a second that left by it; NaN: not known, or too long ago.
export function carriedAt(past: Past, upstream: string, at: number): number {
  const last = (past.carried.get(upstream) ?? []).filter((load) => load.at <= at).pop();
  return last && at - last.at <= LEAD_MS + 60_000 ? last.bps : NaN;
}

// What stood at that time; "": nothing was said of the path in all the time that is known.
export function verdictAt(past: Past, path: string, at: number): string {
  const said = past.verdicts.get(path) ?? [];
  const last = said.filter((v) => v.at <= at).pop();
  return last ? last.after : said[0]?.before ?? "";
}

export function pastOfPage(series: Series, paths: readonly string[], facts: readonly Fact[]): Past {
  const past: Past = { from: Infinity, until: -Infinity, slots: new Map(), facts: [...facts], verdicts: new Map(), carried: series.carried };
  for (const path of paths) {
    let before = NaN;
    past.verdicts.set(path, series.verdicts(path));
    past.slots.set(path, series.points(path).map((p) => {
      const from = p.at - before < PAGE_GAP_MS ? before : p.at - 1000;
      before = p.at;
      past.from = Math.min(past.from, from);
      past.until = Math.max(past.until, p.at);
      return { from, until: p.at, loss: p.loss, out: NaN, back: NaN, rtt: p.rtt };
    }));
  }
  return past;
}

export function slotAt(past: Past, path: string, at: number): Slot | null {
  const slots = past.slots.get(path) ?? [];
  let low = 0, high = slots.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slots[middle]!.until < at) low = middle + 1;
    else high = middle;
  }
  const slot = slots[low], last = slots[slots.length - 1];
  if (slot) return slot.from <= at ? slot : null;
  return last && at - last.until < 2 * (last.until - last.from) ? last : null; // the next one is not told yet
}

// What was said last before that, newest first.
export function factsUntil(past: Past, at: number): Fact[] {
  const first = past.facts.findIndex((fact) => Date.parse(fact.time) <= at);
  return first < 0 ? [] : past.facts.slice(first, first + FACTS_MAX);
}
