// SPDX-License-Identifier: ISC
// One outage: what, where, since when, why; what was moved; all of it on one axis of time; and what a person
// may do. Without a number: those that are open, and those that were.
import { deedsRow, type Deed } from "../acts";
import { askLines } from "../api";
import { acknowledge, approveInbound, approvePlan, drain, freeze, thaw, undrain, upstreamsOf, withdrawAll } from "../deeds";
import { h, render, type Children, type Node_ } from "../dom";
import { count, duration, nats, percent, times } from "../format";
import { empty, markTag, panel, sinceTag, tag, timeTag } from "../parts";
import { loadSlots, type Slot } from "../past";
import { incidentTone, outageMark } from "../scale";
import { linkTo, type Route } from "../router";
import type { Point } from "../series";
import { facts, type State } from "../state";
import { alike, brief, doneFor, drainHolds, firstCause, moves, inboundStands, openOutages, plainAction, shortTitle, upstreamOf } from "../story";
import { dots, events, LANES, ticks, type Event_ } from "../timeline";
import type { Cause, Engine, Fact, Outage, PathIncident, Plan } from "../types";
import type { View } from "../view";
import { inboundRows } from "./inbound";

const BEFORE_MS = 15_000; // what came right before belongs to the story
const LANE_HEIGHT = 30;
const LOSS_HEIGHT = 44;

interface Past {
  run: number;
  number: number;
  onset: string;
  changed: string;
  state: string;
  severity: string;
  title: string;
  cause: string;
  action: string;
}

// ---- causes

const TERMS: [string, string, string][] = [
  ["time", "time", "how well its time fits the onset"],
  ["place", "place", "whether it is where the symptoms are"],
  ["prior", "prior", "how often such a thing breaks a network"],
  ["fit", "fit", "whether it breaks what is broken"],
  ["chain", "chain", "whether it explains the other facts too"],
  ["again", "again", "whether it happened before with the same outcome"],
  ["odd", "odd", "whether it differs from its siblings"],
];

// Those that say nothing of any of them only stand in the way.
function termsOf(causes: readonly Cause[]): typeof TERMS {
  return TERMS.filter(([key]) => causes.some((cause) => Number(cause[`${key}_millinats`] ?? 0) !== 0));
}

function causeRow(cause: Cause, terms: typeof TERMS): Node_ {
  const share = cause.share_ppm / 1e4;
  const value = (key: string): Node_ => {
    const millinats = Number(cause[key] ?? 0);
    return h("td", { class: millinats === 0 ? "num faint" : "num" }, millinats === 0 ? "0" : nats(millinats));
  };
  return h("tr", null,
    h("th", { scope: "row" }, h("span", { class: "cause-words" }, cause.words.replace(/ \([a-z ]+, [<\d.]+ %\)$/, "")),
      h("span", { class: "bar", "aria-hidden": "true" }, h("span", { style: { width: `${Math.max(0.5, share)}%` } }))),
    h("td", { class: "num strong" }, percent(cause.share_ppm)), value("millinats"),
    terms.map(([key]) => value(`${key}_millinats`)));
}

function causesPanel(outage: Outage): Node_ {
  const causes = outage.causes ?? [], terms = termsOf(causes);
  return panel("Causes, the likeliest first", "evidence in nats: +2.3 is ten times likelier",
    causes.length === 0 ? h("p", null, outage.cause) : [
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Causes with their evidence" },
        h("table", { class: "grid causes" },
          h("thead", null, h("tr", null, h("th", { scope: "col" }, "cause"), h("th", { scope: "col", class: "num" }, "likely"),
            h("th", { scope: "col", class: "num" }, "sum"),
            terms.map(([, word]) => h("th", { scope: "col", class: "num" }, word)))),
          h("tbody", null, causes.map((cause) => causeRow(cause, terms))))),
      h("p", { class: "legend" }, terms.map(([, word, means]) => h("span", null, h("b", null, word), ` ${means}`)))]);
}

// ---- the axis of time

function lossLine(points: readonly Point[], from: number, until: number): string {
  let line = "";
  for (const p of points) {
    if (p.at < from || Number.isNaN(p.loss)) continue;
    const x = ((p.at - from) / Math.max(1, until - from)) * 1000;
    const y = (LOSS_HEIGHT - 2) * (1 - Math.sqrt(Math.min(1e6, p.loss) / 1e6));
    line += `${line ? "L" : "M"}${x.toFixed(1)} ${(y + 1).toFixed(1)}`;
  }
  return line;
}

interface Line {
  path: string;
  points: readonly Point[];
}

// Its axis goes by the root, so that a little is seen beside much: the number says how much.
function lossTitle(lines: readonly Line[], from: number, until: number): string {
  const most = Math.max(0, ...lines.flatMap((line) => line.points.filter((p) => p.at >= from && p.at <= until).map((p) => p.loss || 0)));
  return most > 0 ? `loss, at most ${percent(most)}` : "loss: none";
}

const LINES_MAX = 4;

function linesLegend(lines: readonly Line[]): Children {
  return lines.length ? h("p", { class: "legend" }, lines.map((line, i) => h("span", null,
    h("span", { class: `key l${i % LINES_MAX}`, "aria-hidden": "true" }), line.path, " "))) : null;
}

function timelinePicture(state: State, list: readonly Event_[], lossOf: readonly Line[], from: number, until: number): Node_ {
  const lanes = LANES.map((lane) => ({ lane, dots: dots(list.filter((e) => e.lane === lane), from, until) }))
    .filter((l) => l.dots.length);
  const top = lossOf.length ? LOSS_HEIGHT + 14 : 0;
  const height = top + lanes.length * LANE_HEIGHT + 22;
  const zone = -new Date(until).getTimezoneOffset() * 60_000;
  const at = (t: number): string => `${(((t - from) / Math.max(1, until - from)) * 100).toFixed(2)}%`;
  return h("svg", { class: "axis", width: "100%", height, role: "img",
    "aria-label": `${count(list.length, "event")} from ${times(new Date(from), state.now).local} to ${times(new Date(until), state.now).local}; the same as a list below` },
    ticks(from, until, innerWidth < 640 ? 4 : 9, zone).map((t) => [
      h("line", { class: "tick", x1: at(t), x2: at(t), y1: 0, y2: height - 18 }),
      h("text", { class: "tick-text", x: at(t), y: height - 5, "text-anchor": t - from < (until - from) * 0.06 ? "start" : until - t < (until - from) * 0.06 ? "end" : "middle" },
        times(new Date(t), state.now).local)]),
    lossOf.length ? h("text", { class: "lane-text", x: 0, y: 10 }, lossTitle(lossOf, from, until)) : null,
    h("svg", { x: 0, y: 12, width: "100%", height: LOSS_HEIGHT, viewBox: `0 0 1000 ${LOSS_HEIGHT}`, preserveAspectRatio: "none" },
      lossOf.map((line, i) => h("path", { class: `loss-line l${i % LINES_MAX}`, d: lossLine(line.points, from, until) }))),
    lanes.map(({ lane, dots: marks }, i) => {
      const y = top + i * LANE_HEIGHT;
      return h("g", null, h("line", { class: "lane", x1: 0, x2: "100%", y1: y + 22, y2: y + 22 }),
        h("text", { class: "lane-text", x: 0, y: y + 10 }, lane),
        marks.map((dot) => h("circle", { class: `dot ${dot.tone}`, cx: `${(dot.x * 100).toFixed(2)}%`, cy: y + 22, r: dot.events.length > 1 ? 6 : 4.5 },
          h("title", null, dot.events.map((e) => e.text).join("\n")))));
    }));
}

const EVENTS_SHOWN = 12; // of those, what decided something

interface Log {
  all: boolean;
  setAll: (all: boolean) => void;
}

function storyList(state: State, list: readonly Event_[], log: Log): Children {
  const telling = list.filter((e) => e.tone !== "mute" && e.lane !== "daemon").slice(-EVENTS_SHOWN);
  const shown = log.all ? list : telling;
  return [h("ol", { class: "log laned" }, shown.slice().reverse().map((e) => h("li", { key: `${e.at}${e.text}` },
    timeTag(new Date(e.at), state.now, true), tag(e.tone, e.lane),
    h("span", { class: "log-text" }, log.all ? e.text : brief(e.text), e.more > 0 ? `, and ${e.more} more prefixes` : null)))),
  list.length > telling.length ? h("button", { type: "button", class: "plain more", on: { click: () => log.setAll(!log.all) } },
    log.all ? "only the latest, in brief" : `all ${list.length} events, with their evidence`) : null];
}

// Seconds at its begin may hold all that happened in an hour: then these are what is shown, until asked.
type Zoom = "auto" | "events" | "now";

function zoomed(zoom: Zoom, from: number, last: number, now: number): number {
  const margin = Math.max(500, (last - from) * 0.06);
  const whole = zoom === "now" || (zoom === "auto" && last - from > (now - from) / 4);
  return whole ? now : Math.min(now, last + margin);
}

function timelinePanel(state: State, outage: Outage, zoom: Zoom, setZoom: (zoom: Zoom) => void, log: Log): Node_ {
  const now = state.now.getTime();
  const onset = now - outage.age_ns / 1e6;
  const list = events(alike(facts(state)), onset - BEFORE_MS).filter((e) => e.lane !== "daemon" || e.at > onset);
  const from = Math.min(onset - 1000, list[0]?.at ?? onset);
  const until = zoomed(zoom, from, list[list.length - 1]?.at ?? now, now);
  const paths = (outage.incidents ?? []).map((i) => i.path);
  const shown = (paths.length ? paths : (state.engine?.incidents ?? []).map((i) => i.path)).slice(0, LINES_MAX)
    .map((path) => ({ path, points: state.series.points(path) }));
  const choice = (which: Zoom, words: string): Node_ => h("button", { type: "button", class: "plain",
    "aria-pressed": (which === "now") === (until === now) ? "true" : "false", on: { click: () => setZoom(which) } }, words);
  return panel("Timeline", [`${count(list.length, "event")} `, h("span", { class: "spans", role: "group", "aria-label": "Which time" },
    choice("events", "what happened"), choice("now", "until now"))],
    timelinePicture(state, list, shown, from, until), linesLegend(shown),
    storyList(state, list, log));
}

const AROUND_MS = 60_000; // what the map shows before an outage, and behind it

function playLink(from: number, until: number): Node_ {
  const at = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();
  return h("a", { class: "play", href: linkTo("map", "", { from: at(from - AROUND_MS), until: at(until) }) }, "▶ Play it on the map");
}

// ---- what was moved, and the paths beneath

function movedPanel(engine: Engine, outage: Outage, plans: readonly Plan[]): Node_ {
  const list = moves(engine.overrides ?? []);
  const numbers = (outage.incidents ?? []).map((i) => i.incident);
  const isOwn = (p: { incident: number; reason: string }): boolean => p.reason !== "" && (numbers.length === 0 || numbers.includes(p.incident));
  const own = plans.filter(isOwn), asked = inboundRows(engine);
  return panel("What was moved, and why", engine.override_count ? count(engine.override_count, "announcement") : null,
    list.length + asked.length === 0 ? empty("Nothing is moved.") : h("ul", { class: "rows" }, asked, list.map((m) => h("li", null,
      tag("watch", m.state), h("span", null, `${count(m.prefixes.length, "prefix", "prefixes")} → `, h("b", null, m.upstream), ` on ${m.routers.join(", ")}`),
      h("span", { class: "prefixes" }, m.prefixes.slice(0, 8).map((p) => [h("a", { href: linkTo("routes", "", { prefix: p }) }, p), " "]),
        m.prefixes.length > 8 ? `and ${m.prefixes.length - 8} more` : null)))),
    own.map((p) => h("p", { class: "why" }, h("b", null, `${p.path}: `),
      p.to ? `${p.from} → ${p.to}, ${count(p.prefixes, "prefix", "prefixes")}: at least ${percent(p.loss_from_ppm)} lost there, at most ${percent(p.loss_to_ppm)} here; ` : "",
      p.reason)),
    (engine.inbound ?? []).filter(isOwn).map((i) => h("p", { class: "why" }, h("b", null, `What comes in by ${i.path}: `), i.reason)),
    own.length === 0 ? (engine.incidents ?? []).filter((i) => i.plan).map((i) => h("p", { class: "why" }, h("b", null, `${i.path}: `), i.plan!)) : null);
}

function pathsPanel(incidents: readonly PathIncident[]): Children {
  if (incidents.length === 0) return null;
  return panel("Paths beneath", count(incidents.length, "path"), h("ul", { class: "rows" }, incidents.map((i) => h("li", null,
    tag(incidentTone(i.state), i.state), h("a", { href: linkTo("paths", "", { filter: i.path }) }, i.path),
    h("span", null, i.reason), i.since_ns ? h("span", { class: "faint" }, `for ${duration(i.since_ns)}`) : null))));
}

// ---- what a person may do

// Of the outage first, then what holds everything.
function deedsFor(engine: Engine, outage: Outage, plans: readonly Plan[]): Deed[] {
  const beneath = new Set((outage.incidents ?? engine.incidents ?? []).map((i) => upstreamOf(i.path)));
  const isDrained = (name: string): boolean => (engine.drains ?? []).some((d) => d.object === `upstream ${name}` && drainHolds(d));
  return [
    ...plans.filter((plan) => plan.approval > 0 && plan.state === "confirmed").map(approvePlan),
    ...(engine.inbound ?? []).filter((i) => i.approval > 0).map(approveInbound),
    acknowledge(engine, outage),
    ...upstreamsOf(engine).filter((name) => beneath.has(name)).map((name) => isDrained(name) ? undrain(`upstream ${name}`) : drain(name)),
    engine.frozen ? thaw(engine) : freeze(engine),
    ...(engine.override_count > 0 || (engine.inbound ?? []).some(inboundStands) ? [withdrawAll(engine)] : []),
  ];
}

// ---- one

function drawOne(state: State, engine: Engine, outage: Outage, plans: readonly Plan[], axis: Node_): Children {
  const mark = outageMark(outage.state);
  return [
    h("section", { class: `story ${mark.tone}`, "aria-label": "Outage" },
      h("p", { class: "crumb" }, h("a", { href: linkTo("incident") }, "Incidents"), ` › #${outage.outage}`),
      h("h2", { class: "headline" }, h("span", { class: "shape", "aria-hidden": "true" }, mark.shape), shortTitle(outage.title)),
      h("div", { class: "outage-head" }, markTag(mark), tag("mute", outage.severity), sinceTag(outage.age_ns, state.now),
        playLink(state.now.getTime() - outage.age_ns / 1e6, state.now.getTime())),
      h("dl", { class: "facts" },
        h("dt", null, "Why"), h("dd", null, firstCause(outage.cause)),
        h("dt", null, "Done"), h("dd", null, openOutages(engine)[0]?.outage === outage.outage ? doneFor(engine, outage).join("; ") : plainAction(outage.action)),
        h("dt", null, "Lost now"), h("dd", null, `${percent(outage.share_ppm)} of all packets that leave ${engine.site}`),
        h("dt", null, "Evidence"), h("dd", null, outage.title)),
      deedsRow(deedsFor(engine, outage, plans), state.session)),
    causesPanel(outage),
    h("div", { class: "columns" }, movedPanel(engine, outage, plans), pathsPanel(outage.incidents ?? engine.incidents ?? [])),
    axis,
  ];
}

// ---- all

function pastRow(past: Past, state: State): Node_ {
  const mark = outageMark(past.state);
  const id = `${past.run}.${past.number}`;
  const lasted = (Date.parse(past.changed) - Date.parse(past.onset)) * 1e6;
  return h("li", { key: id }, markTag(mark), tag("mute", past.severity), h("span", { class: "number" }, `#${id}`),
    h("a", { href: linkTo("incident", id) }, shortTitle(past.title)), h("span", { class: "faint" }, timeTag(new Date(past.onset), state.now), ` ${duration(lasted)}`),
    h("span", { class: "second" }, firstCause(past.cause)));
}

// The store has those that are open, too, in the run in which they began: the last of their number.
function isOver(past: Past, kept: readonly Past[], open: readonly Outage[]): boolean {
  return past.state === "over" || !open.some((o) => o.outage === past.number) ||
    kept.some((p) => p.number === past.number && p.run > past.run && p.state !== "over");
}

function drawAll(state: State, engine: Engine, kept: Past[] | string): Children {
  const open = openOutages(engine);
  const past = Array.isArray(kept) ? kept.filter((p) => isOver(p, kept, open)) : kept;
  return [
    panel("Open", count(open.length, "outage"), open.length === 0 ? empty("No outage is open.") :
      h("ul", { class: "rows" }, open.map((o) => h("li", { key: String(o.outage) }, markTag(outageMark(o.state)), tag("mute", o.severity),
        h("span", { class: "number" }, `#${o.outage}`), h("a", { href: linkTo("incident", String(o.outage)) }, shortTitle(o.title)),
        h("span", { class: "faint" }, sinceTag(o.age_ns, state.now)), h("span", { class: "second" }, firstCause(o.cause)))))),
    panel("Before", Array.isArray(past) ? count(past.length, "outage") : null,
      typeof past === "string" ? empty(past) : past.length === 0 ? empty("None in the store.") :
        h("ul", { class: "rows" }, past.map((p) => pastRow(p, state)))),
  ];
}

// One that is over, as the store has it.
interface Told {
  facts: readonly Fact[] | string; // a text: why there are none
  lossOf: readonly Line[];
  draft: string; // Markdown; empty while there is none
}

// What the store has of the paths that lost most in that time, as steps: a slot is one loss.
async function lossOfPast(from: number, until: number): Promise<Line[]> {
  const past = await loadSlots(from, until);
  const worst = (slots: readonly Slot[]): number => Math.max(0, ...slots.map((s) => s.loss || 0));
  return [...past].sort(([, a], [, b]) => worst(b) - worst(a)).slice(0, LINES_MAX).filter(([, slots]) => worst(slots) > 0)
    .map(([path, slots]) => ({ path, points: slots.flatMap((s) => [s.from, s.until].map((at) =>
      ({ at: Math.min(until, Math.max(from, at)), loss: s.loss, rtt: s.rtt }))) }));
}

// All that was told, with a little beside.
function spanOf(list: readonly Event_[]): { from: number; until: number } {
  const first = list[0]?.at ?? 0, last = list[list.length - 1]?.at ?? first;
  return { from: first - 500, until: last + Math.max(500, (last - first) * 0.05) };
}

function drawPast(state: State, id: string, past: Past | undefined, { facts: told, lossOf, draft }: Told, log: Log): Children {
  const crumb = h("p", { class: "crumb" }, h("a", { href: linkTo("incident") }, "Incidents"), ` › #${id}`);
  if (typeof told === "string" || told.length === 0)
    return [crumb, panel(`Outage ${id}`, null, empty(typeof told === "string" ? told : "The store has nothing of it."))];
  const list = events(alike(told), -Infinity);
  const { from, until } = spanOf(list);
  const mark = outageMark(past?.state ?? "over");
  return [
    h("section", { class: `story ${mark.tone}`, "aria-label": "Outage" }, crumb,
      h("h2", { class: "headline" }, h("span", { class: "shape", "aria-hidden": "true" }, mark.shape), past ? shortTitle(past.title) : `Outage ${id}`),
      past ? h("dl", { class: "facts" }, h("dt", null, "When"), h("dd", null, timeTag(new Date(past.onset), state.now),
        ` for ${duration((Date.parse(past.changed) - Date.parse(past.onset)) * 1e6)} `, playLink(Date.parse(past.onset), Math.min(state.now.getTime(), Date.parse(past.changed) + AROUND_MS))),
        h("dt", null, "Why"), h("dd", null, firstCause(past.cause)), h("dt", null, "Done"), h("dd", null, plainAction(past.action))) : null),
    panel("Timeline", count(list.length, "event"), timelinePicture(state, list, lossOf, from, until), linesLegend(lossOf), storyList(state, list, log)),
    draft ? panel("Post-mortem, a draft", `fairlead postmortem ${id}`,
      h("details", null, h("summary", null, "Markdown, to go on from"),
        h("div", { class: "draft mono" }, draft.split("\n").map((line) => h("div", null, line || "\u00a0"))))) : null,
  ];
}

// What the picture leaves out is asked for once a second while it is looked at.
export function incidentView(): View {
  let place: HTMLElement;
  let redraw: () => void;
  let shownId = "";
  let details: Outage[] = [];
  let plans: Plan[] = [];
  let past: Past[] | string = "Asking …";
  let told: Told = { facts: "Asking …", lossOf: [], draft: "" };
  let zoom: Zoom = "auto";
  let timer = 0;
  const log: Log = { all: false, setAll: (all) => { log.all = all; redraw(); } };

  const learn = async (): Promise<void> => {
    try {
      details = (await askLines("incidents")).flatMap((line) => (line.outage ? [line.outage as Outage] : []));
      plans = (await askLines("plans")).flatMap((line) => (line.plan ? [line.plan as Plan] : []));
    } catch {
      // the picture alone tells less, and is shown
    }
    redraw();
  };
  const learnPast = async (): Promise<void> => {
    try {
      past = (await askLines("history")) as unknown as Past[];
      past = past.filter((p) => typeof p.number === "number");
    } catch (error) {
      past = `What was before is not known here: ${(error as Error).message}.`;
    }
    redraw();
  };
  const learnTold = async (of: string): Promise<void> => {
    let found: Fact[] | string;
    try {
      const lines = await askLines("history", { what: "facts", of });
      found = lines.filter((line) => typeof line.said === "string" && line.said !== "")
        .map((line) => ({ time: String(line.time), text: String(line.said), more: 0 })).reverse();
    } catch (error) {
      found = `No such outage is open, and none is in the store: ${(error as Error).message}.`;
    }
    if (of === shownId) told = { ...told, facts: found };
    redraw();
    if (typeof found === "string" || found.length === 0) return;
    const { from, until } = spanOf(events(found, -Infinity));
    const lossOf = await lossOfPast(from, until).catch(() => []);
    if (of === shownId) told = { ...told, lossOf };
    redraw();
  };
  const learnDraft = async (of: string): Promise<void> => {
    const lines = await askLines("history", { what: "postmortem", of }).catch(() => []);
    if (of === shownId && typeof lines[0]?.markdown === "string") told = { ...told, draft: lines[0].markdown };
    redraw();
  };

  return {
    title: "Incidents",
    mount(el, _route, again) {
      place = el;
      redraw = again;
      void learn();
      void learnPast();
      timer = window.setInterval(() => { if (!document.hidden) void learn(); }, 1000);
    },
    update(state, route: Route) {
      if (!state.engine) return render(place, empty("Waiting for the engine's picture …"));
      if (!route.argument) return render(place, drawAll(state, state.engine, past));
      const open = (state.engine.outages ?? []).find((o) => String(o.outage) === route.argument);
      const detail = details.find((o) => o.outage === open?.outage);
      if (open) {
        const whole = { ...detail, ...open };
        const axis = timelinePanel(state, whole, zoom, (wanted) => { zoom = wanted; redraw(); }, log);
        return render(place, drawOne(state, state.engine, whole, plans, axis));
      }
      if (shownId !== route.argument) {
        shownId = route.argument;
        told = { facts: "Asking …", lossOf: [], draft: "" };
        void learnTold(shownId);
        void learnDraft(shownId);
      }
      const record = Array.isArray(past) ? past.find((p) => `${p.run}.${p.number}` === route.argument) : undefined;
      return render(place, drawPast(state, route.argument, record, told, log));
    },
    unmount() {
      clearInterval(timer);
    },
  };
}
