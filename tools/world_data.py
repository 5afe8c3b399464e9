#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Makes web/src/world.ts, the coasts and borders of the map: tools/world_data.py COUNTRIES_50M_JSON.

The input is countries-50m.json of the npm package world-atlas 2.0.2: Natural Earth 1:50m, public domain,
as TopoJSON. What the map does not need is left out: points that hardly bend a line (Visvalingam and
Whyatt 1993), small islands, and Antarctica, where nobody leaves a network.
"""
import heapq, json, math, pathlib, sys

STEPS = 20  # of a degree: 0.05, on a wide screen and at its closest about a pixel
BEND_MIN = 0.012  # square degrees at the equator of the triangle that a point spans
ISLAND_MIN = 0.08  # square degrees, likewise
SOUTH = -60
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+,-./:;=?@[]^_{|}~"
HALF = len(DIGITS) // 2  # digits of the second half say that another follows
OUT = pathlib.Path(__file__).parent.parent / "web/src/world.ts"
HEAD = """// SPDX-License-Identifier: ISC
// Coasts and borders: Natural Earth 1:50m, which is in the public domain (naturalearthdata.com), simplified.
// Made by tools/world_data.py; read by geo.ts.
"""


def arcs_of(topology):
    """The arcs as lists of degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        yield points


def bend(a, b, c):
    area = abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2
    return area * math.cos(math.radians(b[1]))


def simplified(points):
    """Without the points that bend the line least, one after the other."""
    before, after = list(range(-1, len(points) - 1)), list(range(1, len(points) + 1))
    alive = [True] * len(points)
    size = lambda i: bend(points[before[i]], points[i], points[after[i]])
    heap = [(size(i), i) for i in range(1, len(points) - 1)]
    heapq.heapify(heap)
    while heap and heap[0][0] < BEND_MIN:
        area, i = heapq.heappop(heap)
        if not alive[i] or area != size(i):
            continue
        alive[i] = False
        after[before[i]], before[after[i]] = after[i], before[i]
        for j in (before[i], after[i]):
            if 0 < j < len(points) - 1:
                heapq.heappush(heap, (max(area, size(j)), j) if size(j) >= area else (size(j), j))
    return [point for i, point in enumerate(points) if alive[i]]


def rings_of(geometry):
    for polygon in geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]:
        yield from polygon


def outline(ring, arcs):
    points = []
    for n in ring:
        points += (arcs[n] if n >= 0 else arcs[~n][::-1])[1 if points else 0:]
    return points


def area(points):
    pairs = zip(points, points[1:] + points[:1])
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2 * math.cos(math.radians(points[0][1]))


def digits(value):
    value = value * 2 if value >= 0 else -value * 2 - 1
    text = ""
    while value >= HALF:
        text += DIGITS[HALF + value % HALF]
        value //= HALF
    return text + DIGITS[value]


def packed(points):
    """Differences of whole steps, the second and all further ones short."""
    text, x, y = "", 0, 0
    for lon, lat in points:
        u, v = round(lon * STEPS), round(lat * STEPS)
        if text and (u, v) == (x, y):
            continue
        text += digits(u - x) + digits(v - y)
        x, y = u, v
    return text


def main():
    topology = json.loads(pathlib.Path(sys.argv[1]).read_text())
    arcs = list(arcs_of(topology))
    countries = topology["objects"]["countries"]["geometries"]
    seen = {}  # arc: how many countries have it
    for country in countries:
        for n in {n if n >= 0 else ~n for ring in rings_of(country) for n in ring}:
            seen[n] = seen.get(n, 0) + 1
    land = [ring for geometry in topology["objects"]["land"]["geometries"] for ring in rings_of(geometry)]
    land = [ring for ring in land if (points := outline(ring, arcs)) and area(points) >= ISLAND_MIN
            and max(lat for _, lat in points) > SOUTH]
    texts = {n: packed(simplified(arc)) for n, arc in enumerate(arcs)}
    borders = [n for n, count in seen.items() if count > 1 and len(texts[n]) > 4]  # not of one point
    used = {}  # arc: its new number
    for n in [n if n >= 0 else ~n for ring in land for n in ring] + borders:
        used.setdefault(n, len(used))
    new = lambda n: used[n] if n >= 0 else ~used[~n]
    OUT.write_text(HEAD + "\n".join([
        f"export const STEPS = {STEPS}; // of a degree",
        f"export const DIGITS = {json.dumps(DIGITS)};",
        f"export const ARCS = {json.dumps(' '.join(texts[n] for n in used))}.split(\" \");",
        f"export const LAND = {json.dumps([[new(n) for n in ring] for ring in land], separators=(',', ':'))};",
        f"export const BORDERS = {json.dumps([used[n] for n in borders], separators=(',', ':'))};",
    ]) + "\n")
    print(f"{OUT.stat().st_size} bytes, {len(used)} lines, {sum(len(texts[n]) for n in used)} bytes of points")


main()
