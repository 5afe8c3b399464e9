// SPDX-License-Identifier: ISC
// Every path, however many: filtered, sorted, and only those drawn that are seen; and one of them over time.
import { h, render, type Children, type Node_ } from "../dom";
import { flowsOf, type Flow } from "../flows";
import { count, delay, duration, family, percent } from "../format";
import { empty, panel, sparkline, tag, timeTag } from "../parts";
import { allLines, stepFor } from "../past";
import { lossStep, pathMark } from "../scale";
import { linkTo, replace, type Route } from "../router";
import { COLUMNS, select, type Column } from "../sorting";
import type { State } from "../state";
import { flowStrips } from "./flow_strips";
import { rateOf, strips, type Rate } from "./strips";
import type { Path } from "../types";
import type { View } from "../view";
import { visibleRows } from "../virtual";

const ROW_HEIGHT = 34;
const RATES_EVERY_MS = 10_000;
const SPANS: [string, number][] = [["15 min", 900], ["1 h", 3600], ["6 h", 21600], ["24 h", 86400], ["7 d", 604800]];
const STRIP_SLOTS_MAX = 720;
const DAY_MS = 86_400_000;

// What the store has of one path in one time.
interface Kept {
  from: number;
  until: number;
  stepMs: number;
  rates: Rate[];
  flows: Flow[];
}

async function keptOf(path: string, from: number, until: number): Promise<Kept> {
  const stepS = stepFor(from, until, STRIP_SLOTS_MAX);
  const [rates, flows] = await Promise.all([allLines("rates", from, until, stepS, path), allLines("flows", from, until, 0, path)]);
  return { from, until, stepMs: stepS * 1000, rates: rates.flatMap((line) => rateOf(line) ?? []), flows: flowsOf(flows) };
}

// As an input of date and time has it: in the reader's zone, to the minute.
function localMinute(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const HEADS: Record<Column, string> = { path: "path", verdict: "verdict", loss: "loss", delay: "delay", samples: "samples" };

function row(path: Path, index: number, chosen: string, state: State, go: (path: string) => void): Node_ {
  const mark = pathMark(path);
  const measured = path.samples > 0;
  const loss = measured ? percent(path.loss_ppm) : "–";
  return h("div", {
    key: path.path, class: path.path === chosen ? "vrow chosen" : "vrow", role: "row", "aria-rowindex": index + 2,
    style: { top: `${index * ROW_HEIGHT}px` }, on: { click: () => go(path.path) },
  },
    h("span", { role: "cell", class: "c-path" }, h("a", { href: linkTo("paths", path.path), on: { click: (e: Event) => { e.preventDefault(); e.stopPropagation(); go(path.path); } } },
      path.upstream ?? "as routed"), h("span", { class: "faint" }, ` ${family(path.family)}`)),
    h("span", { role: "cell", class: "c-verdict" }, tag(mark.tone, mark.word, mark.shape)),
    h("span", { role: "cell", class: `c-loss num s${measured ? lossStep(path.loss_ppm) : 0}` }, loss),
    h("span", { role: "cell", class: "c-delay num" }, measured ? delay(path.rtt_p50_ns) : "–"),
    h("span", { role: "cell", class: "c-samples num faint" }, measured ? path.samples : "–"),
    h("span", { role: "cell", class: "c-spark" }, sparkline(state.series.points(path.path), `loss of ${path.path} lately, now ${loss}`)));
}

export function pathsView(): View {
  let place: HTMLElement;
  let redraw: () => void;
  let filter = "";
  let column: Column = "verdict";
  let down = false;
  let chosen = "";
  let spanS = 900;
  let until = NaN; // of the time that is shown; NaN: now
  let kept: Kept | string | null = null; // a text: why there is none
  let keptOfWhat = "";
  let timer = 0;
  let scroller: HTMLElement | null = null;
  let sorted: { of: readonly Path[]; by: string; list: Path[] } = { of: [], by: "", list: [] };

  // Scrolling draws the same picture again: it is sorted once, and a row that was drawn is not drawn again.
  const drawn = new WeakMap<Path, { index: number; chosen: boolean; node: Node_ }>();
  const rowOf = (path: Path, index: number, state: State): Node_ => {
    const before = drawn.get(path);
    if (before && before.index === index && before.chosen === (path.path === chosen)) return before.node;
    const node = row(path, index, chosen, state, choose);
    drawn.set(path, { index, chosen: path.path === chosen, node });
    return node;
  };
  const listed = (paths: readonly Path[]): Path[] => {
    const by = JSON.stringify([filter, column, down]);
    if (sorted.of !== paths || sorted.by !== by) sorted = { of: paths, by, list: select(paths, filter, column, down) };
    return sorted.list;
  };
  const address = (): void => replace(linkTo("paths", chosen, { filter, sort: column === "verdict" && !down ? "" : column, down: down ? "1" : "",
    span: spanS === SPANS[0]![1] ? "" : String(spanS), until: Number.isNaN(until) ? "" : new Date(until).toISOString() }));
  const learn = async (now: number): Promise<void> => {
    const asked = keptOfWhat, end = Number.isNaN(until) ? now : until;
    let found: Kept | string;
    try {
      found = await keptOf(chosen, end - spanS * 1000, end);
    } catch (error) {
      found = (error as Error).message;
    }
    if (asked === keptOfWhat) kept = found;
    redraw();
  };
  const showTime = (span: number, end: number): void => {
    spanS = span;
    until = end;
    address();
    redraw();
  };
  const choose = (path: string): void => {
    chosen = path === chosen ? "" : path;
    address();
    redraw();
  };
  const sortBy = (wanted: Column): void => {
    if (column === wanted) down = !down;
    else {
      column = wanted;
      down = wanted === "loss" || wanted === "delay" || wanted === "samples";
    }
    address();
    redraw();
  };

  const head = (): Node_ => h("div", { class: "vrow vhead", role: "row", "aria-rowindex": 1 }, COLUMNS.map((c) =>
    h("span", { role: "columnheader", class: `c-${c}`, "aria-sort": column === c ? (down ? "descending" : "ascending") : null },
      h("button", { type: "button", on: { click: () => sortBy(c) } }, HEADS[c], h("span", { "aria-hidden": "true" }, column === c ? (down ? " ▾" : " ▴") : "")))),
    h("span", { role: "columnheader", class: "c-spark" }, "loss lately"));

  const table = (state: State, list: readonly Path[]): Node_ => {
    const height = scroller?.clientHeight || 600;
    const seen = visibleRows(list.length, ROW_HEIGHT, scroller?.scrollTop ?? 0, height);
    return h("div", { class: "vtable", role: "table", "aria-label": "Paths", "aria-rowcount": list.length + 1 },
      h("div", { role: "rowgroup" }, head()),
      h("div", { id: "paths-scroll", class: "vscroll", role: "rowgroup", tabindex: "0", "aria-label": "Rows",
        style: { "max-height": "min(62vh, 640px)" }, on: { scroll: () => redraw() } },
        h("div", { class: "vwhole", role: "presentation", style: { height: `${seen.whole}px` } },
          list.slice(seen.first, seen.first + seen.count).map((p, i) => rowOf(p, seen.first + i, state)))));
  };

  const timeChoice = (state: State): Node_ => h("div", { class: "time-choice" },
    h("span", { class: "spans", role: "group", "aria-label": "How long" }, SPANS.map(([words, s]) =>
      h("button", { type: "button", class: "plain", "aria-pressed": s === spanS ? "true" : "false", on: { click: () => showTime(s, until) } }, words))),
    h("label", null, "until ", h("input", { type: "datetime-local", value: localMinute(Number.isNaN(until) ? state.now.getTime() : until),
      max: localMinute(state.now.getTime() + DAY_MS), on: { change: (e) => {
        const at = Date.parse((e.target as HTMLInputElement).value);
        if (!Number.isNaN(at)) showTime(spanS, at);
      } } })),
    h("button", { type: "button", class: "plain", disabled: Number.isNaN(until), on: { click: () => showTime(spanS, NaN) } }, "Now"));

  // As long as the store has said nothing, or there is none: what this page saw.
  const seenHere = (state: State, path: Path): Children => {
    const now = state.now.getTime();
    const why = kept === null ? "the store is asked for the rest" : typeof kept === "string" ? `the daemon keeps no more: ${kept}` : "";
    return [strips(state.series.points(path.path).map((p) => ({ at: p.at, loss_ppm: p.loss, p50: p.rtt, p90: NaN, p99: NaN })), now - Math.min(spanS, 300) * 1000, now, state.now, 1000),
      h("p", { class: "faint" }, `As seen by this page since it was opened; ${why}.`)];
  };

  const keptStrips = (state: State, of: Kept): Children => [
    h("p", { class: "faint" }, timeTag(new Date(of.from), state.now), " to ", timeTag(new Date(of.until), state.now),
      of.stepMs > 10_000 ? `; each bar is ${duration(of.stepMs * 1e6)}, of delays the longest ten seconds of it` : "; each bar is ten seconds"),
    of.rates.length ? strips(of.rates, of.from, of.until, state.now, of.stepMs) : h("p", { class: "empty" }, "Nothing is kept of this time."),
    h("h3", { class: "flows-head" }, "By 5-tuple ", h("span", { class: "faint" }, "each falls into one bucket of a router's hash")), flowStrips(of.flows, of.from, of.until)];

  const detail = (state: State, path: Path): Children => {
    const isPast = !Number.isNaN(until);
    const isKept = kept !== null && typeof kept !== "string";
    return panel(`${path.upstream ?? "as routed"} ${family(path.family)} over time`, null, timeChoice(state),
      isKept && (isPast || (kept as Kept).rates.length) ? keptStrips(state, kept as Kept)
        : isPast ? h("p", { class: "empty" }, typeof kept === "string" ? `Of this time nothing can be shown: ${kept}.` : "Asking the store …")
        : seenHere(state, path),
      h("dl", { class: "facts" }, h("dt", null, "Now"), h("dd", null, `${percent(path.loss_ppm)} of ${path.samples} packets lost, median delay ${delay(path.rtt_p50_ns)}`),
        path.rate ? [h("dt", null, "Ten seconds"), h("dd", null, `${path.rate.lost} of ${path.rate.samples} lost, ${path.rate.lost_forward} on the way out, ${path.rate.lost_reverse} on the way back, as far as the far ends count; delay p90 ${delay(path.rate.rtt_p90_ns)}, p99 ${delay(path.rate.rtt_p99_ns)}`)] : null,
        h("dt", null, "Against its peers"), h("dd", null, `${(path.relative_millinats / 1000).toFixed(1)} nats of evidence that it is worse`),
        path.servers ? [h("dt", null, "Servers say"), h("dd", null, path.servers)] : null));
  };

  const onFilter = (event: Event): void => {
    filter = (event.target as HTMLInputElement).value;
    if (scroller) scroller.scrollTop = 0;
    address();
    redraw();
  };

  return {
    title: "Paths",
    mount(el, route, again) {
      place = el;
      redraw = again;
      column = COLUMNS.find((c) => c === route.query.sort) ?? "verdict";
      down = route.query.down === "1";
      const span = Number(route.query.span);
      spanS = SPANS.find(([, s]) => s === span)?.[1] ?? SPANS[0]![1];
      until = Date.parse(route.query.until ?? "");
      // What is over does not change.
      timer = window.setInterval(() => { if (!document.hidden && chosen && !(until < Date.now() - DAY_MS)) void learn(Date.now()); }, RATES_EVERY_MS);
    },
    update(state, route: Route) {
      if (!state.engine) return render(place, empty("Waiting for the engine's picture …"));
      filter = route.query.filter ?? "";
      chosen = route.argument;
      const paths = state.engine.paths ?? [];
      const list = listed(paths);
      const path = paths.find((p) => p.path === chosen);
      render(place,
        panel("Paths", list.length === paths.length ? count(paths.length, "path") : `${list.length} of ${count(paths.length, "path")}`,
          h("form", { class: "ask", role: "search", on: { submit: (e: Event) => e.preventDefault() } },
            h("label", { for: "filter" }, "Filter"),
            h("input", { id: "filter", type: "search", "data-filter": true, value: filter, autocomplete: "off", spellcheck: "false",
              placeholder: "ipv6 losing, -transit-b …", on: { input: onFilter } })),
          list.length ? table(state, list) : empty("No path fits the filter.")),
        path ? detail(state, path) : null);
      scroller = place.querySelector("#paths-scroll");
      const wanted = `${chosen} ${spanS} ${until}`;
      if (path && keptOfWhat !== wanted) {
        keptOfWhat = wanted;
        kept = null;
        void learn(state.now.getTime());
      }
    },
    unmount() {
      clearInterval(timer);
    },
  };
}
