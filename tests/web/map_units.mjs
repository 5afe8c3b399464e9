// SPDX-License-Identifier: ISC
// The pure parts of the map: node map_units.mjs. About 0.3 s.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = mkdtempSync(join(tmpdir(), "fairlead-map-"));
const source = fileURLToPath(new URL("../../web/src/", import.meta.url));
execFileSync("esbuild", ["geo.ts", "map_layout.ts", "past.ts", "ways.ts", "world.ts"].map((f) => source + f)
  .concat("--bundle", "--format=esm", "--log-level=warning", "--out-extension:.js=.mjs", `--outdir=${here}`));
const load = (name) => import(pathToFileURL(join(here, name + ".mjs")));
const [geo, layout, past, ways, world] = await Promise.all(["geo", "map_layout", "past", "ways", "world"].map(load));

const near = (a, b, by = 1e-6) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

// The projection's own values: Šavrič, Patterson and Jenny (2018), table 1, for a sphere of radius 1.
function projects() {
  assert.deepEqual(geo.project({ north: 0, east: 0 }), { x: 0, y: -0 });
  near(geo.project({ north: 0, east: 180 }).x, 2706.63, 0.01);
  near(geo.project({ north: 90, east: 0 }).y, -1317.36, 0.01);
  const a = geo.project({ north: 50, east: 9 }), b = geo.project({ north: -50, east: -9 });
  near(a.x, -b.x);
  near(a.y, -b.y);
  // Equal areas: a degree by a degree at 60 north has the sine of its latitudes of one at the equator.
  const area = (north) => {
    const step = 0.01, [p, q, r] = [[0, 0], [step, 0], [0, step]].map(([n, e]) => geo.project({ north: north + n, east: 30 + e }));
    return Math.abs((q.x - p.x) * (r.y - p.y) - (r.x - p.x) * (q.y - p.y));
  };
  near(area(60) / area(0), Math.cos((60 * Math.PI) / 180), 2e-4);
}

function hasTheEarth() {
  const arcs = world.ARCS.map(geo.decodeArc);
  assert.ok(arcs.length > 500 && arcs.every((a) => a.length >= 1));
  for (const { north, east } of arcs.flat()) assert.ok(north >= -90 && north <= 84 && east >= -180 && east <= 180);
  for (const ring of world.LAND) {  // closed: each arc begins where the one before it ended
    const ends = ring.map((n) => (n >= 0 ? arcs[n] : [...arcs[~n]].reverse()));
    ends.forEach((arc, i) => assert.deepEqual(arc[0], ends[(i + ends.length - 1) % ends.length].at(-1)));
  }
  const inside = ({ north, east }) => world.LAND.filter((ring) => {
    const points = geo.unwrapped(ring.flatMap((n) => (n >= 0 ? arcs[n] : [...arcs[~n]].reverse())));
    return points.reduce((odd, p, i) => {
      const q = points[(i + 1) % points.length];
      return (p.north > north) !== (q.north > north) && east < p.east + ((north - p.north) / (q.north - p.north)) * (q.east - p.east) ? !odd : odd;
    }, false);
  }).length % 2 === 1;
  for (const [north, east] of [[50.1, 8.7], [40.4, -3.7], [55.9, 9.5], [39, -98], [-25, 134], [64.9, -18], [66, 178.5]])
    assert.ok(inside({ north, east }), `${north} ${east} is land`);
  for (const [north, east] of [[45, -30], [54.5, 3], [0, -150], [43, 34]]) assert.ok(!inside({ north, east }), `${north} ${east} is sea`);
}

function goesTheShortestWay() {
  const [whole] = geo.shortestWay({ north: 50, east: 8 }, { north: 40, east: -74 });
  assert.ok(Math.max(...whole.map((p) => p.north)) > 52, "it bends north");
  near(whole[0].east, 8);
  near(whole.at(-1).north, 40);
  const pieces = geo.shortestWay({ north: 35, east: 140 }, { north: 37, east: -122 });
  assert.equal(pieces.length, 2);
  assert.deepEqual([pieces[0].at(-1).east, pieces[1][0].east], [180, -180]);
  for (const piece of pieces) piece.forEach((p, i) => assert.ok(i === 0 || Math.abs(p.east - piece[i - 1].east) < 90));
  for (const to of [{ north: 50, east: 8 }, { north: -50, east: -172 }])  // the same place, and its opposite
    assert.ok(geo.shortestWay({ north: 50, east: 8 }, to).flat().every((p) => Number.isFinite(p.north + p.east)));
}

const place = (kind, name, north, east) => ({ kind, name, latitude_udeg: north === null ? null : north * 1e6, longitude_udeg: east === null ? null : east * 1e6 });

function laysOut() {
  const places = [place("site", "fra1", 50.11, 8.68), place("upstream", "a", 50.11, 8.69), place("upstream", "b", 50.12, 8.7),
    place("upstream", "far", 35.7, 139.7), place("target", "x", 52.3, 4.8), place("target", "y", 52.31, 4.81), place("target", "z", null, null)];
  for (const width of [320, 1200]) {
    const frame = layout.frameAround(places.filter(layout.isPlaced).map(layout.degreesOf), width, width / 2);
    const spots = layout.layOut(places, frame);
    assert.deepEqual(spots.map((s) => s.name), ["fra1", "a", "b", "far", "x", "y"]);
    for (const a of spots) {
      assert.ok(a.x > 0 && a.x < width && a.y > 0 && a.y < width / 2, `${a.name} is seen`);
      for (const b of spots) assert.ok(a === b || Math.hypot(a.x - b.x, a.y - b.y) > 12, `${a.name} and ${b.name} are told apart`);
    }
    assert.ok(Number.isNaN(spots[3].aside), "what is alone stays at its place");
    const labels = layout.layLabels(spots.map((spot) => ({ spot, lines: [spot.name, "0 % lost"], gap: 11 })), frame);
    assert.ok(labels.length >= 3);
    for (const [a, b] of [[0, 1], [0, 3], [3, 4]]) assert.match(layout.wayBetween(spots[a], spots[b], frame), /^M-?[\d.]+ -?[\d.]+(L-?[\d.]+ -?[\d.]+)+/);
  }
  const whole = layout.frameAround([], 1000, 500);
  near(whole.scale, layout.leastScale(1000, 500));
  assert.deepEqual(layout.clampFrame({ ...whole, x: 1e9, scale: 0 }), whole);
}

function knowsThePast() {
  const line = { time: "2026-03-03T09:00:10Z", samples: 800, lost: 80, lost_forward: 0, lost_reverse: 80, rtt_p50_ns: 2e6 };
  const slot = past.slotOf(line, 10);
  assert.deepEqual({ ...slot, from: undefined, until: undefined }, { from: undefined, until: undefined, loss: 1e5, out: 0, back: 1e5, rtt: 2e6 });
  assert.ok(Number.isNaN(past.slotOf({ ...line, samples: 0, lost: 0 }, 10).loss));
  assert.equal(past.slotOf({ ...line, time: "x" }, 10), null);
  const told = { from: 0, until: 100, facts: [{ time: new Date(60).toISOString(), text: "b" }, { time: new Date(30).toISOString(), text: "a" }],
    slots: new Map([["p", [{ from: 0, until: 10, loss: 1 }, { from: 10, until: 20, loss: 2 }, { from: 50, until: 60, loss: 3 }]]]) };
  for (const [at, loss] of [[0, 1], [10, 1], [11, 2], [20, 2], [21, undefined], [49, undefined], [50, 3], [61, 3], [79, 3], [80, undefined]])
    assert.equal(past.slotAt(told, "p", at)?.loss, loss, `at ${at}`);
  assert.equal(past.slotAt(told, "q", 5), null);
  assert.deepEqual([29, 30, 60].map((at) => past.factsUntil(told, at, 9).length), [0, 1, 2]);
  const signal = (ms, path, word) => ({ effect: "signal", time: new Date(ms).toISOString(), path, signal: word });
  const said = { verdicts: past.verdictsOf([signal(10, "p", "suspect"), signal(20, "p", "confirmed"), { effect: "plan", path: "p", signal: "clear", time: "x" },
    signal(30, "p", "silent"), signal(40, "p", "heard"), signal(45, "p", "suspect"), signal(90, "p", "clear"), signal(50, "q", "heard"), signal(60, "q", "no such word")]) };
  for (const [path, at, verdict] of [["p", 9, "good"], ["p", 10, "suspect"], ["p", 29, "confirmed"], ["p", 30, "silent"], ["p", 40, "confirmed"], ["p", 89, "confirmed"],
    ["p", 90, "good"], ["q", 49, "silent"], ["q", 70, ""], ["r", 5, ""]])
    assert.equal(past.verdictAt(said, path, at), verdict, `${path} at ${at}`);
  assert.equal(past.stepFor(0, 1000e3), 10);
  assert.equal(past.stepFor(0, 86400e3), 240);
}

function tellsTheWays() {
  const path = (upstream, family, loss_ppm, samples = 100) => ({ path: `${upstream ?? "as-routed"} ${family}`, upstream, family, verdict: "good", loss_ppm, samples, rtt_p50_ns: 2e6 });
  const engine = { paths: [path("a", "ipv4", 0), path("a", "ipv6", 39e4), path("b", "ipv4", 0), path("c", "ipv4", 0, 0), path(null, "ipv4", 5e5)],
    use: [{ upstream: "a", out_bps: 3e9 }, { upstream: "b", out_bps: 1e9 }] };
  const none = { from: 0, until: 0, slots: new Map(), facts: [], verdicts: new Map(), carried: new Map() };
  const now = ways.waysOf(engine, none, null, "");
  assert.deepEqual(now.map((w) => [w.upstream, w.step, w.share]), [["a", 5, 0.75], ["b", 0, 0.25], ["c", -1, NaN]]);
  assert.equal(ways.waysSentence(now), "a loses 39 % (IPv6); 2 others lose nothing".replace("2 others lose nothing", "1 other loses nothing, 1 is not measured"));
  assert.equal(ways.waysSentence(ways.waysOf(engine, none, null, "ipv4").slice(0, 2)), "no way out loses packets");
  const then = ways.waysOf(engine, none, 5, "");
  assert.ok(then.every((w) => w.step === -1 && Number.isNaN(w.share)));
  assert.ok(then.every((w) => w.strands.every((s) => s.mark === null)));
  const lost = { ...none, verdicts: new Map([["a ipv6", [{ at: 1, before: "good", after: "confirmed" }]]]) };
  assert.deepEqual(ways.waysOf(engine, lost, 5, "")[0].strands.map((s) => s.mark?.word), [undefined, "losing"]);
  const load = (ms, upstream, out_bps) => ({ effect: "use", time: new Date(ms).toISOString(), upstream, out_bps });
  const told = { ...none, carried: past.carriedOf([load(0, "a", 3e9), load(0, "b", 1e9), load(4, "a", 1e9), load(9, "b", 1e9), load(9, "a", "x"), { ...load(9, "a", 7), effect: "plan" }]) };
  for (const [at, shares] of [[0, [0.75, 0.25, NaN]], [5, [0.5, 0.5, NaN]], [660_006, [NaN, 1, NaN]], [1e7, [NaN, NaN, NaN]]])
    assert.deepEqual(ways.waysOf(engine, told, at, "").map((w) => w.share), shares, `at ${at}`);
  assert.equal(ways.waysSentence(then), "nothing is known of the ways out");
  assert.equal(ways.strandWords({ family: "ipv6", loss: 39e4, out: 0, back: 39e4, rtt: NaN, mark: null }), "IPv6 39 %, on the way back");
}

try {
  for (const test of [projects, hasTheEarth, goesTheShortestWay, laysOut, knowsThePast, tellsTheWays]) test();
} finally {
  rmSync(here, { recursive: true });
}
console.log("map: all as they should be");
