// SPDX-License-Identifier: ISC
// What each path did lately, as this page saw it: one ring of times for all, one of losses and one of
// delays a path, of a fixed size. Before it stands what the daemon's store had when the page was opened.
import type { Path, Use } from "./types";

export const SERIES_LENGTH = 300; // at one a second: 5 minutes
const SPACING_MS = 950; // pictures may come twice a second: every other is enough

export interface Verdict {
  at: number; // ms since 1970
  before: string; // until then; "": not known
  after: string;
}

export interface Load {
  at: number;
  bps: number; // out of the network
}

const VERDICTS_MAX = 64; // kept of a path
const LOADS_MAX = 128; // of an upstream
const LOAD_MS = 5_000; // between two

interface Ring {
  loss: Float32Array; // ppm; NaN: no samples
  rtt: Float32Array; // ns
  since: number; // of its verdict, ms since 1970
  verdict: string;
  said: Verdict[]; // oldest first
}

export interface Point {
  at: number; // ms since 1970
  loss: number;
  rtt: number;
}

export class Series {
  private readonly times = new Float64Array(SERIES_LENGTH);
  private readonly rings = new Map<string, Ring>();
  private readonly before = new Map<string, Point[]>();
  private next = 0;
  readonly carried = new Map<string, Load[]>(); // of an upstream, oldest first

  // What was before the first picture, oldest first.
  seed(path: string, points: readonly Point[]): void {
    const first = this.next > 0 ? this.times[Math.max(0, this.next - SERIES_LENGTH) % SERIES_LENGTH]! : Infinity;
    this.before.set(path, points.filter((p) => p.at < first));
  }

  add(at: number, paths: readonly Path[], use: readonly Use[] = []): void {
    this.noteVerdicts(at, paths);
    this.noteLoads(at, use);
    const last = this.next > 0 ? this.times[(this.next - 1) % SERIES_LENGTH]! : -Infinity;
    if (at - last < SPACING_MS) return;
    const slot = this.next++ % SERIES_LENGTH;
    this.times[slot] = at;
    for (const ring of this.rings.values()) ring.loss[slot] = ring.rtt[slot] = NaN;
    for (const path of paths) {
      const ring = this.rings.get(path.path)!;
      ring.loss[slot] = path.samples > 0 ? path.loss_ppm : NaN;
      ring.rtt[slot] = path.rtt_p50_ns > 0 ? path.rtt_p50_ns : NaN;
    }
  }

  private noteLoads(at: number, use: readonly Use[]): void {
    for (const { upstream, out_bps: bps } of use) {
      const list = this.carried.get(upstream) ?? [];
      if (typeof bps !== "number" || at - (list[list.length - 1]?.at ?? -Infinity) < LOAD_MS) continue;
      list.push({ at, bps });
      if (list.length > LOADS_MAX) list.shift();
      this.carried.set(upstream, list);
    }
  }

  private noteVerdicts(at: number, paths: readonly Path[]): void {
    for (const path of paths) {
      const ring = this.rings.get(path.path);
      if (!ring)
        this.rings.set(path.path, {
          loss: new Float32Array(SERIES_LENGTH).fill(NaN),
          rtt: new Float32Array(SERIES_LENGTH).fill(NaN),
          since: NaN, // it was so before we looked
          verdict: path.verdict,
          said: [{ at, before: "", after: path.verdict }],
        });
      else if (ring.verdict !== path.verdict) {
        ring.said.push({ at, before: ring.verdict, after: path.verdict });
        if (ring.said.length > VERDICTS_MAX) ring.said.shift();
        ring.verdict = path.verdict;
        ring.since = at;
      }
    }
  }

  // Oldest first.
  points(path: string): Point[] {
    const ring = this.rings.get(path);
    if (!ring) return [];
    const points: Point[] = [...(this.before.get(path) ?? [])];
    for (let i = Math.max(0, this.next - SERIES_LENGTH); i < this.next; i++) {
      const slot = i % SERIES_LENGTH;
      points.push({ at: this.times[slot]!, loss: ring.loss[slot]!, rtt: ring.rtt[slot]! });
    }
    return points;
  }

  verdicts(path: string): readonly Verdict[] {
    return this.rings.get(path)?.said ?? [];
  }

  // When the verdict of today began, if this page saw it begin.
  verdictSince(path: string): number {
    return this.rings.get(path)?.since ?? NaN;
  }

  // Loss now less loss `back` ms ago, ppm; NaN when that is not known.
  lossChange(path: string, back: number): number {
    const points = this.points(path);
    const last = points[points.length - 1];
    if (!last) return NaN;
    for (let i = points.length - 2; i >= 0; i--)
      if (last.at - points[i]!.at >= back) return last.loss - points[i]!.loss;
    return NaN;
  }
}
