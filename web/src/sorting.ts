// SPDX-License-Identifier: ISC
// Which paths are listed, and in which order.
import type { Path } from "./types";

export const COLUMNS = ["path", "verdict", "loss", "delay", "samples"] as const;
export type Column = (typeof COLUMNS)[number];

const GRAVITY = ["confirmed", "suspect", "silent", "unheard", "good"];

function value(path: Path, column: Column): number | string {
  switch (column) {
    case "path": return path.path;
    case "verdict": return GRAVITY.indexOf(path.verdict) + 1 || GRAVITY.length + 1;
    case "loss": return path.samples > 0 ? path.loss_ppm : -1;
    case "delay": return path.rtt_p50_ns;
    case "samples": return path.samples;
  }
}

const names = new Map<string, string>(); // of a path: each key that is typed asks for all of them again

function nameOf(path: Path): string {
  let name = names.get(path.path);
  if (name === undefined) names.set(path.path, (name = `${path.path} ${path.upstream ?? "as routed"} ${path.family}`.toLowerCase()));
  return name;
}

// Every word must be in it; a word behind "-" must not.
export function matches(path: Path, words: readonly string[]): boolean {
  const name = nameOf(path), verdict = path.verdict.toLowerCase();
  const has = (word: string): boolean => name.includes(word) || verdict.includes(word);
  return words.every((w) => w.startsWith("-") && w.length > 1 ? !has(w.slice(1)) : has(w));
}

export function select(paths: readonly Path[], filter: string, column: Column, down: boolean): Path[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length ? paths.filter((p) => matches(p, words)) : paths.slice();
  const sign = down ? -1 : 1;
  return found.sort((a, b) => {
    const x = value(a, column), y = value(b, column);
    return sign * (x < y ? -1 : x > y ? 1 : 0) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  });
}
