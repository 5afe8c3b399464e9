// SPDX-License-Identifier: ISC
// The earth on a plane: Equal Earth (Šavrič, Patterson and Jenny 2018), on which areas are as large as they
// are. Pure.
import { ARCS, BORDERS, DIGITS, LAND, STEPS } from "./world";

export interface Degrees {
  north: number;
  east: number;
}

export interface Point {
  x: number;
  y: number;
}

const A1 = 1.340264, A2 = -0.081106, A3 = 0.000893, A4 = 0.003796;
const SQUEEZE = Math.sqrt(3) / 2;
const UNIT = 1000; // of the plane, a radian in the middle is about 1.15 of it
const HALF = DIGITS.length / 2;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

export function project({ north, east }: Degrees): Point {
  const t = Math.asin(SQUEEZE * Math.sin(radians(north)));
  const t2 = t * t, t6 = t2 * t2 * t2;
  const x = (radians(east) * Math.cos(t)) / (SQUEEZE * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)));
  return { x: x * UNIT, y: -t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2)) * UNIT };
}

// Of the whole earth without its far south, where there is nothing to show.
export const WORLD = {
  left: project({ north: 0, east: -180 }).x, right: project({ north: 0, east: 180 }).x,
  top: project({ north: 84, east: 0 }).y, bottom: project({ north: -58, east: 0 }).y,
};

// ---- coasts and borders

export function decodeArc(text: string): Degrees[] {
  const numbers: number[] = [];
  let value = 0, weight = 1;
  for (const c of text) {
    const digit = DIGITS.indexOf(c);
    value += (digit % HALF) * weight;
    weight *= HALF;
    if (digit >= HALF) continue;
    numbers.push(value % 2 ? -(value + 1) / 2 : value / 2);
    value = 0;
    weight = 1;
  }
  const points: Degrees[] = [];
  let east = 0, north = 0;
  for (let i = 0; i + 1 < numbers.length; i += 2)
    points.push({ east: (east += numbers[i]!) / STEPS, north: (north += numbers[i + 1]!) / STEPS });
  return points;
}

// A coast that crosses the edge of the map goes on beyond it: the east of Siberia stays in one piece.
export function unwrapped(points: readonly Degrees[]): Degrees[] {
  let turns = 0, before = points[0]?.east ?? 0;
  return points.map(({ north, east }) => {
    if (east - before > 180) turns -= 360;
    else if (before - east > 180) turns += 360;
    before = east;
    return { north, east: east + turns };
  });
}

function line(points: readonly Degrees[]): string {
  return unwrapped(points).map((p) => {
    const { x, y } = project(p);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join("L");
}

let shapes: { land: string; borders: string; grid: string } | null = null;

// As the text of paths; made when the map is first shown.
export function worldShapes(): { land: string; borders: string; grid: string } {
  if (shapes) return shapes;
  const arcs = ARCS.map(decodeArc);
  const ring = (numbers: readonly number[]): string =>
    "M" + line(numbers.flatMap((n) => (n >= 0 ? arcs[n]! : [...arcs[~n]!].reverse()))) + "Z";
  let grid = "";
  for (let east = -180; east <= 180; east += 30)
    grid += "M" + line(Array.from({ length: 29 }, (_, i) => ({ east, north: i * 6 - 84 })));
  for (let north = -60; north <= 60; north += 30) grid += "M" + line([-180, 0, 180].map((east) => ({ east, north })));
  return (shapes = { land: LAND.map(ring).join(""), borders: BORDERS.map((n) => "M" + line(arcs[n]!)).join(""), grid });
}

// ---- the shortest way between two places

function vector({ north, east }: Degrees): [number, number, number] {
  const n = radians(north), e = radians(east);
  return [Math.cos(n) * Math.cos(e), Math.cos(n) * Math.sin(e), Math.sin(n)];
}

// In pieces: where it crosses the edge of the map it goes on at the other one.
export function shortestWay(from: Degrees, to: Degrees): Degrees[][] {
  const a = vector(from), b = vector(to);
  const angle = Math.acos(Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])));
  if (!(angle > 1e-6) || Math.PI - angle < 1e-6) return [[from, to]];
  const steps = Math.max(16, Math.ceil(degrees(angle) / 2));
  const pieces: Degrees[][] = [[]];
  let before = from.east;
  for (let i = 0; i <= steps; i++) {
    const f = Math.sin((1 - i / steps) * angle) / Math.sin(angle), g = Math.sin((i / steps) * angle) / Math.sin(angle);
    const [x, y, z] = [0, 1, 2].map((k) => f * a[k]! + g * b[k]!) as [number, number, number];
    const at = { north: degrees(Math.atan2(z, Math.hypot(x, y))), east: degrees(Math.atan2(y, x)) };
    if (Math.abs(at.east - before) > 180) {
      const edge = before > 0 ? 180 : -180;
      pieces[pieces.length - 1]!.push({ north: at.north, east: edge });
      pieces.push([{ north: at.north, east: -edge }]);
    }
    pieces[pieces.length - 1]!.push(at);
    before = at.east;
  }
  return pieces;
}
