// SPDX-License-Identifier: ISC
// The ways out at one moment, now or then: what each loses in which family, and how much it carries. Pure.
import { delay, family as familyName, percent } from "./format";
import { carriedAt, slotAt, verdictAt, type Past } from "./past";
import { lossStep, verdictMark, type Mark } from "./scale";
import type { Engine, Path } from "./types";

export interface Strand { // of one family
  family: string;
  loss: number; // ppm; NaN: not known
  out: number;
  back: number;
  rtt: number;
  mark: Mark | null; // verdict; null: of then it is not known
}

export interface Way {
  upstream: string;
  strands: Strand[];
  worst: Strand | null; // of those that are known
  step: number; // of its loss; -1: not known
  share: number; // of all traffic that leaves; NaN: not known
}

function strandNow(path: Path): Strand {
  const { rate } = path;
  const share = (lost: number | undefined): number => (rate && rate.samples > 0 ? ((lost ?? 0) / rate.samples) * 1e6 : NaN);
  return {
    family: path.family, loss: path.samples > 0 ? path.loss_ppm : NaN, out: share(rate?.lost_forward), back: share(rate?.lost_reverse),
    rtt: path.rtt_p50_ns > 0 ? path.rtt_p50_ns : NaN, mark: verdictMark(path.verdict),
  };
}

function strandThen(path: Path, past: Past, at: number): Strand {
  const slot = slotAt(past, path.path, at), verdict = verdictAt(past, path.path, at);
  return { family: path.family, loss: slot?.loss ?? NaN, out: slot?.out ?? NaN, back: slot?.back ?? NaN, rtt: slot?.rtt ?? NaN,
    mark: verdict ? verdictMark(verdict) : null };
}

function worstOf(strands: readonly Strand[]): Strand | null {
  let worst: Strand | null = null;
  for (const s of strands) if (!Number.isNaN(s.loss) && (!worst || s.loss > worst.loss)) worst = s;
  return worst;
}

// `at` null: now. `only`: one family, or "" for both.
export function waysOf(engine: Engine, past: Past, at: number | null, only: string): Way[] {
  const carries = new Map((engine.use ?? []).map((u) => [u.upstream, at === null ? u.out_bps ?? NaN : carriedAt(past, u.upstream, at)]));
  const carried = [...carries.values()].reduce((sum, bps) => sum + (bps || 0), 0);
  const paths = new Map<string, Path[]>();
  for (const p of engine.paths) {
    if (p.upstream === null) continue;
    const list = paths.get(p.upstream) ?? [];
    if (!only || p.family === only) list.push(p);
    paths.set(p.upstream, list);
  }
  return [...paths].map(([upstream, list]) => {
    const strands = list.map((p) => (at === null ? strandNow(p) : strandThen(p, past, at)));
    const worst = worstOf(strands);
    const bps = carries.get(upstream);
    return {
      upstream, strands, worst, step: worst ? lossStep(worst.loss) : -1,
      share: bps !== undefined && carried > 0 ? bps / carried : NaN,
    };
  });
}

export function lossWords(way: Way): string {
  return way.worst ? percent(way.worst.loss) : "not measured";
}

export function shareWords(way: Way): string {
  return Number.isNaN(way.share) ? "" : `${(way.share * 100).toFixed(0)} % of traffic`;
}

// "IPv6 39 %, 2.1 ms, lost on the way back".
export function strandWords(strand: Strand): string {
  const side = !(strand.loss > 0) ? "" : strand.back > 2 * strand.out ? ", on the way back" : strand.out > 2 * strand.back ? ", on the way out" : "";
  const lost = Number.isNaN(strand.loss) ? "not measured" : percent(strand.loss) + side;
  return `${familyName(strand.family)} ${lost}${Number.isNaN(strand.rtt) ? "" : ", " + delay(strand.rtt)}`;
}

// One sentence for all of them.
export function waysSentence(ways: readonly Way[]): string {
  const lossy = ways.filter((w) => w.step > 0).sort((a, b) => b.worst!.loss - a.worst!.loss);
  const known = ways.filter((w) => w.step >= 0).length;
  if (known === 0) return "nothing is known of the ways out";
  if (lossy.length === 0) return known === ways.length ? "no way out loses packets" : `no packets are lost on the ${known} ways that are measured`;
  const words = lossy.slice(0, 3).map((w) => `${w.upstream} loses ${percent(w.worst!.loss)} (${familyName(w.worst!.family)})`);
  const clean = known - lossy.length, unknown = ways.length - known;
  return words.join(", ") + (lossy.length > 3 ? ` and ${lossy.length - 3} more` : "") +
    (clean > 0 ? `; ${clean === 1 ? "1 other loses" : `${clean} others lose`} nothing` : "") +
    (unknown > 0 ? `, ${unknown} ${unknown === 1 ? "is" : "are"} not measured` : "");
}
