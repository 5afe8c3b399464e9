// SPDX-License-Identifier: ISC
// The pure parts, as rows: run by node, which has a runner of its own.
import { bands, trafficWords, type Traffic } from "./views/whatif";
import { delay, duration, family, nats, percent, rate, times, visible } from "./format";
import { isOwnLink } from "./dom";
import { EventStream } from "./event_stream";
import { flowsOf } from "./flows";
import { linkTo, parseRoute } from "./router";
import { lossStep, pathMark, urgency } from "./scale";
import { rateOf } from "./views/strips";
import { refusal } from "./acts";
import { approveInbound, drainAny, liftAny, stop, upstreamsOf, withdrawAll } from "./deeds";
import { alike, brief, direction, doneFor, firstCause, moves, openOutages, plainAction, shortTitle, summarise } from "./story";
import { select } from "./sorting";
import { Series, SERIES_LENGTH } from "./series";
import { dots, events, laneOf, ticks } from "./timeline";
import { visibleRows } from "./virtual";
import type { Engine, Inbound, Outage, Path } from "./types";

declare const require: (name: string) => any;
const test: (name: string, body: () => void) => void = require("node:test");
const { deepStrictEqual: same }: { deepStrictEqual: (a: unknown, b: unknown, why?: string) => void } = require("node:assert");

function path(name: string, more: Partial<Path> = {}): Path {
  const [upstream, fam] = name.split(" ") as [string, string];
  return { path: name, upstream: upstream === "as-routed" ? null : upstream, family: fam, verdict: "good", loss_ppm: 0, samples: 900,
    rtt_p50_ns: 1e6, relative_millinats: 0, servers: null, ...more };
}

function engine(more: Partial<Engine> = {}): Engine {
  return { site: "lab", mode: "act", frozen: false, frozen_why: "", ready: true, waiting: "", now_ns: 0,
    paths: [path("transit-a ipv4"), path("transit-b ipv4"), path("as-routed ipv4")], incidents: [],
    sessions: [{ router: "edge1", up: true, complete: ["ipv4"] }], roles: [{ role: "probe", state: "alive" }], overrides: [],
    override_count: 0, notices: [], notice_count: 0, faults: [], fault_count: 0, use: [], hooks: [], drains: [], outages: [],
    pages: { on_call: [], channels: [], cases: [] }, ...more };
}

function outage(more: Partial<Outage> = {}): Outage {
  return { outage: 1, state: "open", severity: "major", age_ns: 9e9, since_ns: 1e9, share_ppm: 26000, action: "incident 1: acting: moving to transit-b",
    title: "via transit-a, on the way out: 36 % of packets (37 of 102); 11.5 nats", cause: "the network behind transit-a (likely, 77 %); or else x", ...more };
}

test("numbers as people read them", () => {
  const rows: [string, string][] = [
    [percent(0), "0 %"], [percent(1), "<0.01 %"], [percent(99), "<0.01 %"], [percent(100), "0.01 %"], [percent(1234), "0.1 %"], [percent(999), "0.10 %"],
    [percent(52_300), "5.2 %"], [percent(380_000), "38 %"], [percent(1e6), "100 %"], [percent(NaN), "–"],
    [delay(0), "–"], [delay(-1), "–"], [delay(NaN), "–"], [delay(48_803), "0.05 ms"], [delay(12_340_000), "12.3 ms"], [delay(250e6), "250 ms"],
    [duration(-1), "0 s"], [duration(59.9e9), "59 s"], [duration(60e9), "1 min"], [duration(250e9), "4 min 10 s"], [duration(720e9), "12 min"],
    [duration(3 * 3600e9 + 120e9), "3 h 2 min"], [duration(52 * 3600e9), "2 d 4 h"],
    [rate(null), "not known"], [rate(0), "0 bit/s"], [rate(1500), "1.5 kbit/s"], [rate(34.2e9), "34 Gbit/s"],
    [nats(2300), "+2.3"], [nats(-500), "−0.5"], [nats(0), "0.0"], [family("ipv6"), "IPv6"], [family("x"), "x"],
  ];
  for (const [got, wanted] of rows) same(got, wanted);
});

test("times have both zones, and a date when it is another day", () => {
  const at = new Date("2026-03-03T09:14:22.507Z");
  const t = times(at, at, true);
  same(t.utc, "09:14:22.507 UTC");
  same(/^\d\d:14:22\.507$/.test(t.local), true);
  same(/^2026-03-03 \d\d:14:22$/.test(times(at, new Date("2026-03-09T09:00:00Z")).local), true);
  same(times(at, new Date("2026-03-09T09:00:00Z")).utc, "2026-03-03 09:14:22 UTC");
  same(times(new Date(NaN), at).iso, "");
});

test("what would hide in a text is shown", () => {
  same(visible("a\u0000b\u001b[2Jc\u007f"), "a\u2400b\u241b[2Jc\u2421");
  same(visible("x\u202eevil\u2066"), "x\\u202eevil\\u2066");
  same(visible("\u0085\u200b"), "\\u0085\\u200b");
  same(visible("<b>Zürich → 東京</b>"), "<b>Zürich → 東京</b>");
});

test("links stay here", () => {
  const rows: [string, boolean][] = [["#/now", true], ["/api/v1/status", true], ["//evil.example", false], ["/\\evil.example", false],
    ["javascript:alert(1)", false], [" /x", false], ["https://evil.example", false], ["data:text/html,x", false], ["", false]];
  for (const [link, own] of rows) same(isOwnLink(link), own, link);
});

test("addresses there and back", () => {
  for (const [view, argument, query] of [["now", "", {}], ["paths", "transit-a ipv4", { filter: "a & b = c/?#", sort: "loss" }],
    ["incident", "3.12", {}], ["routes", "", { prefix: "2001:db8::/32" }], ["paths", "100%", {}]] as const) {
    const route = parseRoute(linkTo(view, argument, query));
    same([route.view, route.argument, { ...route.query }], [view, argument, query]);
  }
  same(parseRoute("").view, "now");
  same(parseRoute("#/paths/%E0%A4%A").argument, "%E0%A4%A");
  same(parseRoute("#/x?__proto__=1").query.__proto__, "1");
});

test("steps of loss, and what is urgent", () => {
  same([0, 1, 1000, 1001, 10_001, 50_001, 200_001].map(lossStep), [0, 1, 1, 2, 3, 4, 5]);
  const order = [outage({ outage: 1, state: "well" }), outage({ outage: 2, state: "mitigated" }), outage({ outage: 3, severity: "minor" }),
    outage({ outage: 4, severity: "critical" }), outage({ outage: 5, state: "still_broken", severity: "minor" }), outage({ outage: 6, state: "over" })];
  same(openOutages(engine({ outages: order })).map((o) => o.outage), [5, 4, 3, 2, 1]);
  same(urgency({ state: "new word", severity: "x" }) > urgency({ state: "over", severity: "minor" }), true);
});

test("a verdict and its number do not contradict each other", () => {
  const word = (verdict: string, loss_ppm: number, samples = 900): string => pathMark({ verdict, loss_ppm, samples }).word;
  same([word("confirmed", 1), word("confirmed", 0), word("confirmed", 0, 0), word("good", 0), word("new", 0)], ["losing", "proving well", "losing", "good", "new"]);
});

test("a headline is a sentence", () => {
  same(shortTitle("via transit-a, on the way out: 36 % of packets (37 of 102); 11.5 nats"), "36 % of packets lost via transit-a, on the way out");
  same(shortTitle("loss on transit-a ipv4, transit-a ipv6"), "loss on transit-a ipv4, transit-a ipv6");
  same(firstCause("a (likely, 77 %); or else b"), "a (likely, 77 %)");
});

test("what was done, without the bookkeeping", () => {
  const rows: [string, string][] = [
    ["incident 1: held: 0 of 29 probes lost on the way that customers' packets now go", "it holds: 0 of 29 probes lost on the way that customers' packets now go"],
    ["incident 1: held: thawed: what stands is held", "thawed: what stands is held"],
    ["incident 3: confirmed: harmless bursts do not explain the loss", "nothing yet"],
    ["incident 3: confirmed: S10: no room on transit-b", "nothing yet: S10: no room on transit-b"],
    ["roll back 4711 on fra-rr-4; incident 3: held: 0 of 9 probes lost", "roll back 4711 on fra-rr-4; it holds: 0 of 9 probes lost"],
  ];
  for (const [action, wanted] of rows) same(plainAction(action), wanted);
});

test("what was done about an outage", () => {
  const action = "incident 1: confirmed: harmless bursts do not explain the loss";
  const approved = { incident: 1, path: "transit-a ipv4", state: "confirmed", since_ns: 1, reason: "", plan: "", approval: 7 };
  same(doneFor(engine({ mode: "act" }), outage({ action })), ["nothing yet"]);
  same(doneFor(engine({ mode: "act", incidents: [approved] }), outage({ action })), ["nothing yet: its plan waits for a person"]);
  same(doneFor(engine({ mode: "observe", incidents: [approved] }), outage({ action })), ["nothing: in mode observe it only looks"]);
  same(doneFor(engine({ overrides: MOVED }), outage({ action: "incident 1: held: 0 of 9 probes lost" })).slice(-1), ["it holds: 0 of 9 probes lost"]);
  same(doneFor(engine(), outage({ state: "well", action: "" })), ["all is back on its usual way"]);
});

test("the log in brief", () => {
  const rows: [string, string][] = [
    ["outage 1, major, open after 1.2 s: via transit-a: 36 % of packets (37 of 102); 11.5 nats (2.6 % of all packets); cause: x (y); z", "outage 1, major, open after 1.2 s: via transit-a: 36 % of packets (37 of 102)"],
    ["transit-a IPv4 is suspected to lose 30 % of packets (3 of 10): the detector for 30.0 % loss stands at 173; asked: wrong once in 2 hours", "transit-a IPv4 is suspected to lose 30 % of packets (3 of 10)"],
    ["announced to edge1: 192.0.2.0/24 through b", "announced to edge1: 192.0.2.0/24 through b"],
  ];
  for (const [text, wanted] of rows) same(brief(text), wanted);
});

test("of many paths the same is said once", () => {
  const at = (ms: number, text: string) => ({ time: new Date(1e12 + ms).toISOString(), text, more: 0 });
  const list = [at(900, "the way that customers' packets go (IPv4) is good again"), at(500, "b IPv6 is good again"), at(400, "alarm: x"), at(0, "a IPv4 is good again"),
    at(-2000, "a IPv4 is good again"), at(-2000, "a IPv4 loses 9 %")];
  same(alike(list).map((f) => f.text), ["as routed IPv4, b IPv6 and a IPv4 are good again", "alarm: x", "a IPv4 is good again", "a IPv4 loses 9 %"]);
  same(alike(list)[0]!.time, list[0]!.time);
  const moved = [at(3, "announced to edge1: 192.0.2.0/24 through b"), at(2, "announced to edge2: 192.0.2.0/24 through b"), { ...at(1, "announced to edge1: 2001:db8::/32 through b"), more: 2 }];
  same(alike(moved).map((f) => [f.text, f.more]), [["announced to edge1: 192.0.2.0/24 through b", 3], ["announced to edge2: 192.0.2.0/24 through b", 0]]);
});

test("what a person chooses becomes the act", () => {
  const e = engine({ overrides: MOVED, paths: [path("transit-a ipv4", { verdict: "confirmed", loss_ppm: 380_000 }), path("as-routed ipv4")] });
  same(upstreamsOf(e), ["transit-a"]);
  same(drainAny(e).choices!.map((c) => [c.name, c.options.map(([, value]) => value)]),
    [["object", ["upstream transit-a", "router edge1", "site"]], ["for_s", ["0", "1800", "7200", "28800", "86400"]]]);
  same(liftAny(e).choices!.map((c) => c.options.map(([, value]) => value)), [["S9", "S10", "S8"], ["upstream transit-a", "router edge1"], ["1800", "3600", "7200", "14400"]]);
  same([stop(e).right, liftAny(e).right, withdrawAll(e).right], ["admin", "admin", "act"]);
});

test("which direction loses", () => {
  const rate = { samples: 1000, lost: 320, lost_forward: 310, lost_reverse: 3, rtt_p90_ns: 1, rtt_p99_ns: 1 };
  same([direction(rate), direction({ ...rate, lost_forward: 0 }), direction({ ...rate, lost_reverse: 200 })], ["on the way out", "on the way back", "both ways"]);
  same([direction(null), direction(undefined), direction({ ...rate, lost_forward: 0, lost_reverse: 0 })], ["", "", ""]);
});

const MOVED = ["edge1", "edge2"].flatMap((router) => ["192.0.2.0/24", "2001:db8::/32"].map((prefix) => ({ prefix, router, upstream: "transit-b", state: "announced" })));

test("moves are told once a prefix", () => {
  same(moves(MOVED), [{ upstream: "transit-b", prefixes: ["192.0.2.0/24", "2001:db8::/32"], routers: ["edge1", "edge2"], state: "announced" }]);
});

const asked = (path: string, more: Partial<Inbound> = {}): Inbound => ({ path, incident: 1, state: "held", verdict: "act", stage: "heeded", stance: "graceful",
  prefixes: 1, own: "203.0.113.0/24", approval: 0, reason: "10.0 Mbit/s came in by it, now 0.1 do", ...more });

test("what the world is asked is a deed with its reach", async () => {
  const deed = approveInbound(asked("transit-a ipv4", { state: "none", approval: 9 }));
  same([deed.verb, deed.label, deed.right, deed.what], ["approve", "Approve: the world leaves transit-a ipv4", "act", { number: 9 }]);
  const said = JSON.stringify(await deed.preview({}));
  for (const words of ["1 prefix of our own (203.0.113.0/24) will be offered to transit-a as the last choice", "30 min at least"]) same(said.includes(words), true, words);
  const back = JSON.stringify(await withdrawAll(engine({ inbound: [asked("transit-a ipv4"), asked("transit-a ipv6")],
    paths: [path("transit-a ipv4", { verdict: "confirmed", loss_ppm: 380_000 })] })).preview({}));
  for (const words of ["offered as usual again to transit-a:", "38 %"]) same(back.includes(words), true, words);
});

test("ten seconds at 02:00", () => {
  const rows: [string, Engine, string, string, string[], string[]][] = [
    ["all well", engine(), "good", "All is well: 2 ways out, none loses packets", [], []],
    ["open", engine({ outages: [outage()] }), "bad", "36 % of packets lost via transit-a, on the way out; 2.6 % of all packets lost now", ["nothing yet"],
      ["Outage 1: acting: moving to transit-b"]],
    ["contained", engine({ outages: [outage({ state: "mitigated", share_ppm: 0 })], overrides: MOVED }), "watch",
      "Contained: 36 % of packets lost via transit-a, on the way out", ["moved 2 prefixes to transit-b"],
      ["Nothing urgent: traffic returns by trial once the old way has proven itself"]],
    ["it holds", engine({ outages: [outage({ state: "mitigated", share_ppm: 0, action: "incident 2: held: 0 of 47 probes lost" })], overrides: MOVED }), "watch",
      "Contained: 36 % of packets lost via transit-a, on the way out", ["moved 2 prefixes to transit-b", "it holds: 0 of 47 probes lost"],
      ["Nothing urgent: traffic returns by trial once the old way has proven itself"]],
    ["a lift waits", engine({ lifts: [{ number: 3, rule: "S9", object: "upstream b", state: "waits", first: "anna", second: "", reason: "both sick", left_ns: 1e9 }] }),
      "good", "All is well: 2 ways out, none loses packets", [], ["Approve or let go: anna asks to lift S9 of upstream b"]],
    ["the world is asked", engine({ outages: [outage({ state: "mitigated", share_ppm: 0, action: "incident 2: held: 0 of 47 probes lost; what comes in by transit-a ipv4: 6.8 Mbit/s came in" })], inbound: [asked("transit-a ipv4"), asked("transit-a ipv6"), asked("b ipv4", { state: "none" })] }), "watch",
      "Contained: 36 % of packets lost via transit-a, on the way out", ["asks the world to leave transit-a: 2 own prefixes offered there as the last choice", "it holds: 0 of 47 probes lost"],
      ["Nothing urgent: traffic returns by trial once the old way has proven itself"]],
    ["a plan for what comes in waits", engine({ outages: [outage({ action: "incident 1: confirmed: harmless bursts do not explain the loss" })], inbound: [asked("transit-a ipv4", { state: "none", approval: 9 })] }), "bad",
      "36 % of packets lost via transit-a, on the way out; 2.6 % of all packets lost now", ["nothing yet: its plan waits for a person"],
      ["Approve the plan for what comes in by transit-a ipv4, or do it otherwise"]],
    ["a plan waits", engine({ outages: [outage({ action: "confirmed: harmless bursts do not explain the loss" })],
      incidents: [{ incident: 1, path: "transit-a ipv4", state: "confirmed", since_ns: 1, reason: "x", approval: 4 }] }), "bad",
      "36 % of packets lost via transit-a, on the way out; 2.6 % of all packets lost now", ["nothing yet: its plan waits for a person"],
      ["Approve the plan for transit-a ipv4, or do it otherwise"]],
    ["no plan yet", engine({ outages: [outage({ action: "incident 1: confirmed: harmless bursts do not explain the loss" })] }), "bad",
      "36 % of packets lost via transit-a, on the way out; 2.6 % of all packets lost now", ["nothing yet"], ["Outage 1: nothing is done about it yet"]],
    ["a drain stands", engine({ drains: [{ number: 1, object: "upstream b", state: "unsure", who: "anna", reason: "x", text: "", since_ns: 1, left_ns: null, inside_unknown: false }] }), "good",
      "All is well: 2 ways out, none loses packets", ["drained upstream b for anna: no counter says whether traffic left"], []],
    ["only looks", engine({ mode: "observe", outages: [outage()] }), "bad", "36 % of packets lost via transit-a, on the way out; 2.6 % of all packets lost now",
      ["nothing: in mode observe it only looks"], ["Outage 1: acting: moving to transit-b"]],
    ["nobody has it", engine({ outages: [outage({ state: "mitigated", share_ppm: 0 })], pages: { on_call: [], channels: [], cases: [
      { outage: 1, state: "open", has_it: "", planned: false, paged: [] }] } }), "watch", "Contained: 36 % of packets lost via transit-a, on the way out",
      ["nothing yet"], ["Acknowledge outage 1"]],
    ["frozen", engine({ frozen: true, frozen_why: "anna: work" }), "watch", "Frozen: nothing moves until a person says so", [],
      ["Thaw when it is safe: all is frozen, anna: work"]],
    ["a session is down", engine({ sessions: [{ router: "edge1", up: false, complete: [] }] }), "bad", "A router's BGP session is down: edge1", [],
      ["Bring back the BGP session with edge1: there nothing can be moved"]],
    ["looking closer", engine({ paths: [path("transit-a ipv6", { verdict: "suspect" })] }), "watch", "Looking closer: transit-a IPv6 may be losing packets", [], []],
    ["begins", engine({ ready: false, paths: [path("transit-a ipv6", { verdict: "unheard" })] }), "mute", "Measuring has just begun", [], []],
    ["silent", engine({ paths: [path("transit-a ipv6", { verdict: "silent" }), path("b ipv4")] }), "mute", "No answers on 1 path: transit-a ipv6", [], []],
  ];
  for (const [name, e, tone, headline, did, left] of rows) {
    const story = summarise(e);
    same([story.tone, story.headline, story.did, story.left.map((l) => l.text)], [tone, headline, did, left], name);
  }
});

test("paths by word and by column", () => {
  const all = [path("b ipv4", { loss_ppm: 5 }), path("a ipv6", { verdict: "confirmed", loss_ppm: 9 }), path("a ipv4", { rtt_p50_ns: 9e9 }), path("as-routed ipv4", { samples: 0 })];
  const names = (...rest: [string, Parameters<typeof select>[2], boolean]): string[] => select(all, ...rest).map((p) => p.path);
  same(names("", "verdict", false), ["a ipv6", "a ipv4", "as-routed ipv4", "b ipv4"]);
  same(names("ipv4 -routed", "path", true), ["b ipv4", "a ipv4"]);
  same(names("CONFIRMED", "path", false), ["a ipv6"]);
  same(names("", "loss", true)[0], "a ipv6");
  same(names("", "loss", false)[0], "as-routed ipv4");
  same(names("", "delay", true)[0], "a ipv4");
  same(names("as routed", "path", false), ["as-routed ipv4"]);
});

test("only seen rows are drawn", () => {
  same(visibleRows(10_000, 34, 0, 600), { first: 0, count: 26, before: 0, whole: 340_000 });
  const middle = visibleRows(10_000, 34, 170_000, 600);
  same([middle.first, middle.count < 40, middle.before], [4992, true, 4992 * 34]);
  const end = visibleRows(10_000, 34, 1e9, 600);
  same(end.first + end.count, 10_000);
  same(visibleRows(3, 34, 500, 600), { first: 0, count: 3, before: 0, whole: 102 });
  same(visibleRows(0, 34, 0, 600).count, 0);
});

test("series forget the oldest, and know changes", () => {
  const series = new Series();
  for (let i = 0; i < SERIES_LENGTH + 10; i++) series.add(i * 1000, [path("a ipv4", { loss_ppm: i, verdict: i < 305 ? "good" : "confirmed" })]);
  const points = series.points("a ipv4");
  same([points.length, points[0]!.at, points[points.length - 1]!.loss], [SERIES_LENGTH, 10_000, SERIES_LENGTH + 9]);
  same(series.lossChange("a ipv4", 60_000), 60);
  same(series.verdictSince("a ipv4"), 305_000);
  same([series.lossChange("b", 1), series.points("b")], [NaN, []]);
  series.add((SERIES_LENGTH + 9) * 1000 + 100, [path("a ipv4")]);
  same(series.points("a ipv4").length, SERIES_LENGTH, "twice within a second is once");
  series.seed("a ipv4", [{ at: 1000, loss: 7, rtt: 1 }, { at: 11_000, loss: 8, rtt: 1 }]);
  same([series.points("a ipv4").length, series.points("a ipv4")[0]!.loss], [SERIES_LENGTH + 1, 7], "what the page saw itself is not told twice");
});

test("sentences have their lanes", () => {
  const rows: [string, string, string][] = [
    ["outage 1, major, mitigated after 1.7 s: via", "decisions", "watch"], ["outage 1, minor, open after 0.2 s: x", "decisions", "bad"],
    ["incident 1, transit-a IPv4: held: 0 of 51", "decisions", "good"], ["plan: move 4 IPv6 prefixes", "decisions", "watch"], ["no move away from a", "decisions", "bad"],
    ["own prefixes are offered otherwise to a IPv4: x", "decisions", "watch"], ["own prefixes are offered as before to a IPv4: x", "decisions", "bad"],
    ["transit-a IPv4 loses 33.3 % of packets", "packets", "bad"], ["transit-a IPv4 is suspected to lose 30 %", "packets", "watch"], ["transit-a IPv4 is good again", "packets", "good"], ["b IPv6 and a IPv4 are good again", "packets", "good"], ["b IPv6 and a IPv4 lose 9 %", "packets", "bad"],
    ["announced to edge2: 198.18.1.0/24", "routes", "good"], ["the BGP session with edge1 is down: hold", "routes", "bad"], ["the BGP session with edge1 is up", "routes", "good"],
    ["alarm: own prefix withdrawn", "alarms", "bad"], ["warning: change X: rr-4 has", "changes", "watch"], ["change CR-1 by anna", "changes", "watch"],
    ["page 7 to anna by phone (again): x", "people", "watch"], ["anna (uid 1000) asked for freeze: done", "people", "watch"], ["something new", "daemon", "mute"],
  ];
  for (const [text, lane, tone] of rows) same({ ...laneOf(text) }, { lane, tone }, text);
});

test("marks on the axis", () => {
  const list = events([{ time: "2026-01-01T00:00:10Z", text: "alarm: b", more: 0 }, { time: "2026-01-01T00:00:00Z", text: "ready: a", more: 2 },
    { time: "never", text: "c", more: 0 }], 0);
  same(list.map((e) => e.text), ["ready: a", "alarm: b"]);
  const from = list[0]!.at;
  same(dots(list, from, from + 10_000).map((d) => [d.x, d.tone, d.events.length]), [[0, "mute", 1], [1, "bad", 1]]);
  same(dots(list, from, from + 10_000_000).map((d) => [d.tone, d.events.length]), [["bad", 2]]);
  same(ticks(0, 60_000, 6).map((t) => t / 1000), [0, 10, 20, 30, 40, 50, 60]);
  same(ticks(0, 86_400_000 * 30, 6).length <= 7, true);
  same(ticks(500, 3_600_000, 4, 1_800_000)[0], 900_000);
  same(ticks(5, 5, 4).length <= 2, true);
});

test("rates of the store", () => {
  same(rateOf({ time: "2026-01-01T00:00:00Z", samples: 100, lost: 25, rtt_p50_ns: 5, rtt_p90_ns: 0 }),
    { at: Date.UTC(2026, 0, 1), loss_ppm: 250_000, p50: 5, p90: NaN, p99: NaN });
  same(rateOf({ done: true }), null);
});

test("what traffic would come to a way, and whether it fits", () => {
  const span = (least: number, most: number | null = least): { least: number; most: number | null } => ({ least, most });
  const way = (more: Partial<Traffic>): Traffic => ({ way: "b", drained: false, capacity_bps: 10e9, limit_bps: 8e9, use_bps: 2e9,
    ipv4: span(1e9), ipv6: span(3e8), untold: span(0, 2e9), gains: span(1.3e9, 3.3e9), after: span(3.3e9, 5.3e9),
    over: span(0), fits: true, ...more });
  const rows: [Traffic, ReturnType<typeof trafficWords>][] = [
    [way({}), ["good", "To b: 1.0 Gbit/s IPv4, 300 Mbit/s IPv6, 0 bit/s to 2.0 Gbit/s untold, then 3.3 Gbit/s to 5.3 Gbit/s of 10 Gbit/s: it fits."]],
    [way({ untold: span(0), ipv6: span(0), after: span(9e9), fits: false }),
      ["watch", "To b: 1.0 Gbit/s IPv4, then 9.0 Gbit/s of 10 Gbit/s: more than its headroom leaves (8.0 Gbit/s)."]],
    [way({ ipv4: span(0), untold: span(0), after: span(12e9), over: span(2e9), fits: false }),
      ["bad", "To b: 300 Mbit/s IPv6, then 12 Gbit/s of 10 Gbit/s: 2.0 Gbit/s would be lost."]],
    [way({ untold: span(0, null), after: span(3.3e9, null), over: span(0, null), fits: null }),
      ["watch", "To b: 1.0 Gbit/s IPv4, 300 Mbit/s IPv6, 0 bit/s or more untold, then 3.3 Gbit/s or more of 10 Gbit/s: how much leaves is not known."]],
    [way({ fits: null }), ["watch", "To b: 1.0 Gbit/s IPv4, 300 Mbit/s IPv6, 0 bit/s to 2.0 Gbit/s untold, then 3.3 Gbit/s to 5.3 Gbit/s of 10 Gbit/s: it fits or not, by where the untold goes."]],
    [way({ use_bps: null, after: null, over: null, fits: null, untold: span(0) }),
      ["watch", "To b: 1.0 Gbit/s IPv4, 300 Mbit/s IPv6: what it carries now is not known."]],
    [way({ capacity_bps: null, limit_bps: null, over: null, fits: null, untold: span(0), after: span(3e9) }),
      ["watch", "To b: 1.0 Gbit/s IPv4, 300 Mbit/s IPv6, then 3.0 Gbit/s: what it can carry is not known."]],
    [way({ gains: span(0) }), null],
    [{ way: "a", drained: true, capacity_bps: null, limit_bps: null, use_bps: 5e8 }, ["mute", "500 Mbit/s leave a."]],
    [{ way: "a", drained: true, capacity_bps: null, limit_bps: null, use_bps: null }, ["mute", "What a carries is not known."]],
  ];
  for (const [given, expected] of rows) same(trafficWords(given), expected);
});

test("a drain as bands, what is lost last", () => {
  same(bands([{ family: "ipv4", prefixes: 9, moved: 5, lost: 2, one_way: 0, gained: { b: 3, c: 0 } }]),
    [{ to: "b", family: "ipv4", prefixes: 3 }, { to: "", family: "ipv4", prefixes: 2 }]);
});

test("why somebody may not", () => {
  const who = (login: "none" | "password", name: string, ...rights: ("read" | "act")[]): string => refusal({ name, rights, csrf: "", login }, "act");
  same(who("password", "anna", "read", "act"), "");
  same(who("password", "ben", "read"), "needs the right to act, which ben has not");
  same(who("password", ""), "log in first");
  same(who("none", "", "read").includes("no users are configured"), true);
  same(refusal(null, "ack") === "", false);
});

test("events of a stream, cut anywhere", () => {
  const text = ": here\n\nid: 7\nevent: effect\ndata: {\"a\":1}\n\nevent: picture\ndata: {}\n\ndata: one\ndata: two\n\nevent: picture\ndata: half";
  const wanted = [{ name: "effect", data: '{"a":1}' }, { name: "picture", data: "{}" }, { name: "message", data: "one\ntwo" }];
  for (let cut = 0; cut <= text.length; cut++) {
    const stream = new EventStream();
    same([...stream.push(text.slice(0, cut)), ...stream.push(text.slice(cut))], wanted, `cut at ${cut}`);
  }
  const slow = new EventStream();
  same([...text].flatMap((letter) => slow.push(letter)), wanted, "a letter at a time");
});

test("5-tuples from what was told of them each minute", () => {
  const at = (s: number): string => new Date(1.7e12 + s * 1000).toISOString();
  const line = (s: number, sent: number, lost: number, span: number, more = {}): Record<string, unknown> => ({ effect: "flow", time: at(s), path: "a ipv4",
    target: "far", source: "192.0.2.1", destination: "198.51.100.3", protocol: "stamp", source_port: 9000, destination_port: 862, label: 0,
    sent, lost, lost_forward: lost, lost_reverse: 0, span_ns: span * 1e9, ...more });
  const lossy = [line(10, 100, 100, 10), line(70, 700, 640, 70), line(100, 900, 640, 100), line(500, 50, 5, 8)];
  const six = line(70, 70, 0, 70, { source: "2001:db8::1", destination: "2001:db8::2", label: 31 });
  const icmp = line(70, 70, 70, 70, { protocol: "icmp", source_port: 7, destination_port: 0 });
  const [dead, first, clean, ...more] = flowsOf([...lossy.slice(0, 2), six, icmp, ...lossy.slice(2), { effect: "plan", time: at(1) }]);
  same([dead?.name, first?.name, clean?.name, more.length], ["icmp 192.0.2.1 → 198.51.100.3, identifier 7", "udp 192.0.2.1:9000 → 198.51.100.3:862",
    "udp [2001:db8::1]:9000 → [2001:db8::2]:862, label 1f", 0]);
  same(first?.slots.map((s) => [(s.from - 1.7e12) / 1000, (s.until - 1.7e12) / 1000, s.sent, s.lost]),
    [[0, 10, 100, 100], [10, 70, 600, 540], [70, 100, 200, 0], [492, 500, 50, 5]]);
  same([first?.sent, first?.lost], [950, 645]);
  same(flowsOf([line(10, 0, 0, 10), { effect: "flow", time: "never" }]).length, 0);
});
