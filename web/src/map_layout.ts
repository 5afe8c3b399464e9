// SPDX-License-Identifier: ISC
// From places and losses to what stands where on the map, in pixels. Pure: views/map.ts shows it.
import { project, shortestWay, WORLD, type Degrees, type Point } from "./geo";
import type { Place } from "./types";

export interface Frame {
  width: number;
  height: number;
  scale: number; // pixels for one of the plane
  x: number; // of the plane, in the middle
  y: number;
}

export interface Spot {
  kind: string; // site, upstream, target
  name: string;
  at: Degrees;
  x: number;
  y: number;
  aside: number; // angle at which it was put beside its place, because others are there; NaN: it stands there
}

const NEAR_PX = { site: 0, upstream: 26, target: 15 }; // spots that are nearer could not be told apart
const RING_PX = { site: 0, upstream: 58, target: 22 };
const RING_SHARE_MAX = 0.1; // of the width
const SCALE_MAX = 6; // of 0.05 degrees, of which the coasts are, about six pixels
const MARGIN_PX = 70;

export function isPlaced(place: Place): boolean {
  return typeof place.latitude_udeg === "number" && typeof place.longitude_udeg === "number";
}

export function degreesOf(place: Place): Degrees {
  return { north: place.latitude_udeg! / 1e6, east: place.longitude_udeg! / 1e6 };
}

export function onScreen(at: Degrees, frame: Frame): Point {
  const p = project(at);
  return { x: (p.x - frame.x) * frame.scale + frame.width / 2, y: (p.y - frame.y) * frame.scale + frame.height / 2 };
}

export function leastScale(width: number, height: number): number {
  return Math.min(width / (WORLD.right - WORLD.left), height / (WORLD.bottom - WORLD.top));
}

// So that all of them are seen; the world, when there are none.
export function frameAround(places: readonly Degrees[], width: number, height: number): Frame {
  const least = leastScale(width, height);
  if (places.length === 0)
    return { width, height, scale: least, x: 0, y: (WORLD.top + WORLD.bottom) / 2 };
  const points = places.map(project);
  const xs = points.map((p) => p.x), ys = points.map((p) => p.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const inner = (size: number): number => Math.max(40, size - 2 * Math.min(MARGIN_PX, size / 5));
  const scale = Math.min(inner(width) / Math.max(right - left, 1), inner(height) / Math.max(bottom - top, 1), SCALE_MAX / 2);
  return clampFrame({ width, height, scale: Math.max(scale, least), x: (left + right) / 2, y: (top + bottom) / 2 });
}

export function clampFrame(frame: Frame): Frame {
  const scale = Math.min(SCALE_MAX, Math.max(leastScale(frame.width, frame.height), frame.scale));
  const within = (at: number, from: number, to: number, size: number): number => {
    const half = size / scale / 2;
    return to - from <= 2 * half ? (from + to) / 2 : Math.min(to - half, Math.max(from + half, at));
  };
  return { ...frame, scale, x: within(frame.x, WORLD.left, WORLD.right, frame.width),
    y: within(frame.y, WORLD.top, WORLD.bottom, frame.height) };
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

// Those that share a place stand around it: upstreams around their site, targets around each other. They are
// turned to where they are furthest from all others.
function putAside(spots: readonly Spot[], centre: Point, radius: number, others: readonly Point[]): void {
  const sorted = [...spots].sort((a, b) => (a.name < b.name ? -1 : 1));
  const angle = (i: number, turn: number): number => -Math.PI / 2 + ((i + turn) * 2 * Math.PI) / sorted.length;
  const put = (a: number): Point => ({ x: centre.x + radius * Math.cos(a), y: centre.y + radius * Math.sin(a) });
  let best = 0, widest = -1;
  for (let turn = 0; turn < 1; turn += 0.125) {
    const room = Math.min(...sorted.flatMap((_, i) => others.map((o) => distance(o, put(angle(i, turn))))), Infinity);
    if (room > widest) [best, widest] = [turn, room];
  }
  sorted.forEach((spot, i) => Object.assign(spot, { aside: angle(i, best), ...put(angle(i, best)) }));
}

export function layOut(places: readonly Place[], frame: Frame): Spot[] {
  const spots = places.filter((place) => isPlaced(place) && place.kind in NEAR_PX).map((place): Spot => {
    const at = degreesOf(place);
    return { kind: place.kind, name: place.name, at, ...onScreen(at, frame), aside: NaN };
  });
  const taken: Point[] = [];
  for (const kind of ["site", "upstream", "target"] as const) {
    const left = spots.filter((s) => s.kind === kind);
    while (left.length) {
      const first = left[0]!;
      const group = left.filter((s) => distance(s, first) <= NEAR_PX[kind]);
      const other = taken.find((t) => distance(t, first) <= NEAR_PX[kind]);
      const centre = other ?? { x: first.x, y: first.y };
      if (kind !== "site" && (group.length > 1 || other))
        putAside(group, centre, Math.min(RING_PX[kind], frame.width * RING_SHARE_MAX), spots.filter((s) => !group.includes(s)));
      for (const spot of group) left.splice(left.indexOf(spot), 1);
      taken.push(centre);
    }
  }
  return spots;
}

// From spot to spot: where both stand at their places, the shortest way on the earth.
export function wayBetween(a: Spot, b: Spot, frame: Frame): string {
  if (!Number.isNaN(a.aside) && distance(onScreen(a.at, frame), onScreen(b.at, frame)) <= NEAR_PX.upstream)
    return `M${a.x.toFixed(1)} ${a.y.toFixed(1)}L${b.x.toFixed(1)} ${b.y.toFixed(1)}`;
  const pieces = shortestWay(a.at, b.at).map((piece) => piece.map((at) => onScreen(at, frame)));
  const first = pieces[0]!, last = pieces[pieces.length - 1]!;
  bendTo(first, a, true);
  bendTo(last, b, false);
  return pieces.map((piece) => "M" + piece.map((p) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("L")).join("");
}

// A line that was to begin (or end) at the place of a spot that stands beside it: bent there gradually.
function bendTo(piece: Point[], spot: Spot, atBegin: boolean): void {
  const end = piece[atBegin ? 0 : piece.length - 1]!;
  const dx = spot.x - end.x, dy = spot.y - end.y;
  piece.forEach((p, i) => {
    const f = piece.length === 1 ? 1 : atBegin ? 1 - i / (piece.length - 1) : i / (piece.length - 1);
    p.x += dx * f * f;
    p.y += dy * f * f;
  });
}

// ---- names beside spots, of which none covers another

export interface Label {
  spot: Spot;
  lines: string[];
  x: number;
  y: number;
  anchor: "start" | "middle" | "end";
}

const CHARACTER_PX = 6.6, LINE_PX = 15;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxOf(label: Label): Box {
  const width = Math.max(...label.lines.map((l) => l.length)) * CHARACTER_PX;
  const left = label.anchor === "start" ? label.x : label.anchor === "end" ? label.x - width : label.x - width / 2;
  return { left, right: left + width, top: label.y - 12, bottom: label.y - 12 + label.lines.length * LINE_PX };
}

const overlap = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

// Where a label may stand, the best first: away from what the spot was put beside.
function candidates(spot: Spot, lines: string[], gap: number): Label[] {
  const high = (lines.length - 1) * LINE_PX;
  const sides: Label[] = [
    { spot, lines, x: spot.x + gap, y: spot.y + 4 - high / 2, anchor: "start" },
    { spot, lines, x: spot.x - gap, y: spot.y + 4 - high / 2, anchor: "end" },
    { spot, lines, x: spot.x, y: spot.y + gap + 8, anchor: "middle" },
    { spot, lines, x: spot.x, y: spot.y - gap - high, anchor: "middle" },
  ];
  const corners: Label[] = [[1, -1], [1, 1], [-1, -1], [-1, 1]].map(([east, south]) => ({
    spot, lines, x: spot.x + east! * (gap - 4), y: south! > 0 ? spot.y + gap + 8 : spot.y - gap - high + 4,
    anchor: east! > 0 ? "start" : "end",
  }));
  if (Number.isNaN(spot.aside)) return [...sides, ...corners];
  const [right, left, below, above] = sides as [Label, Label, Label, Label];
  const beside = Math.cos(spot.aside) >= -0.01 ? [right, left] : [left, right];
  const across = Math.sin(spot.aside) >= 0 ? [below, above] : [above, below];
  const first = Math.abs(Math.cos(spot.aside)) > 0.4 ? [beside[0]!, ...across, beside[1]!] : [across[0]!, ...beside, across[1]!];
  return [...first, ...corners];
}

// In the order given; one without room is left out: the list beside the map has it.
export function layLabels(spots: readonly { spot: Spot; lines: string[]; gap: number }[], frame: Frame): Label[] {
  const boxes: Box[] = spots.map(({ spot, gap }) => ({ left: spot.x - gap + 4, right: spot.x + gap - 4, top: spot.y - gap + 4,
    bottom: spot.y + gap - 4 }));
  const labels: Label[] = [];
  for (const { spot, lines, gap } of spots) {
    const fits = (label: Label): boolean => {
      const box = boxOf(label);
      return box.left >= 2 && box.right <= frame.width - 2 && box.top >= 0 && box.bottom <= frame.height &&
        !boxes.some((other) => overlap(box, other));
    };
    const found = candidates(spot, lines, gap).find(fits) ?? candidates(spot, lines.slice(0, 1), gap).find(fits);
    if (!found) continue;
    labels.push(found);
    boxes.push(boxOf(found));
  }
  return labels;
}
