// SPDX-License-Identifier: ISC
// Site, ways out and destinations on the earth, now or at any time that is kept, and played in between.
import { askLines } from "../api";
import { h, render, type Children, type Node_ } from "../dom";
import { count, duration, family as familyName, percent, times } from "../format";
import { worldShapes } from "../geo";
import {
  clampFrame, degreesOf, frameAround, isPlaced, layLabels, layOut, wayBetween, type Frame, type Spot,
} from "../map_layout";
import { empty, markTag, panel, tag, timeTag } from "../parts";
import { factsUntil, loadPast, pastOfPage, type Past } from "../past";
import type { Route } from "../router";
import { lossStep } from "../scale";
import { facts, type State } from "../state";
import { alike, brief, openOutages, shortTitle } from "../story";
import type { Engine, Place } from "../types";
import type { View } from "../view";
import { lossWords, shareWords, strandWords, waysOf, waysSentence, type Way } from "../ways";

const PLAY_S = 20; // a whole span, at the speed that is offered first
const SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const AROUND_MS = 60_000; // shown before an outage, and behind it
const HOUR_MS = 3_600_000;
const PAN_PX = 60;
const ZOOM = 1.6;
const LINES_MAX = 60; // to destinations; where there are more, only those of ways that lose, or the chosen one
const FACTS_SHOWN = 6;

interface Told { // an outage of the store
  key: string;
  title: string;
  from: number;
  until: number;
}

interface Span {
  key: string; // "page", "hour", "day", or of an outage
  from: number;
  until: number;
  past: Past | null; // null: it is being asked for
  why: string; // why it could not be had
}

class MapView implements View {
  readonly title = "Map";
  private el!: HTMLElement;
  private redraw!: () => void;
  private observer: ResizeObserver | null = null;
  private frame: Frame | null = null;
  private isFitted = true; // to the places, as long as nobody moved it
  private width = 0;
  private family = "";
  private chosen = "";
  private span: Span = { key: "page", from: 0, until: 0, past: null, why: "" };
  private seenAt = NaN; // the picture of which the page's own time is up to date
  private at: number | null = null; // null: now
  private speed = 0; // 0: as it fits
  private playing = 0; // of the animation frame; 0: it stands
  private playedAt = 0;
  private told: Told[] = [];
  private drag: { x: number; y: number; frame: Frame } | null = null;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");

  mount(el: HTMLElement, route: Route, redraw: () => void): void {
    this.el = el;
    this.redraw = redraw;
    this.observer = new ResizeObserver(() => redraw());
    this.observer.observe(el);
    void this.learnTold();
    const from = Date.parse(route.query.from ?? ""), until = Date.parse(route.query.until ?? "");
    if (from < until) this.take({ key: "link", from, until, past: null, why: "" });
  }

  unmount(): void {
    this.observer?.disconnect();
    this.stop();
  }

  update(state: State): void {
    const { engine } = state;
    if (!engine) return render(this.el, empty("Waiting for the engine's picture …"));
    const now = state.now.getTime();
    if (this.span.key === "page" && now !== this.seenAt) {
      const past = pastOfPage(state.series, engine.paths.map((p) => p.path), facts(state));
      this.seenAt = now;
      this.span = { ...this.span, from: Math.min(past.from, now - AROUND_MS), until: Math.max(past.until, now), past };
    }
    render(this.el, this.draw(state, engine));
  }

  // ---- time

  private async learnTold(): Promise<void> {
    try {
      const lines = await askLines("history", { what: "outages" });
      this.told = lines.filter((line) => typeof line.onset === "string").map((line) => ({
        key: `${line.run}.${line.number}`, title: String(line.title), from: Date.parse(String(line.onset)),
        until: Date.parse(String(line.changed)),
      })).filter((t) => t.from <= t.until);
      this.redraw();
    } catch {
      // no store: what is open, and what this page saw, is all there is
    }
  }

  private take(span: Span): void {
    this.stop();
    this.span = span;
    this.seenAt = NaN;
    this.at = span.key === "page" ? null : span.from;
    if (span.key !== "page") void this.load(span);
    this.redraw();
  }

  private async load(span: Span): Promise<void> {
    try {
      span.past = await loadPast(span.from, span.until);
    } catch (error) {
      span.why = error instanceof Error ? error.message : "no answer";
    }
    if (this.span !== span) return;
    if (span.past && !this.calm.matches) this.play();
    this.redraw();
  }

  private spans(state: State, engine: Engine): { key: string; label: string; span: () => Span }[] {
    const now = state.now.getTime();
    const of = (key: string, from: number, until: number) => (): Span => ({ key, from, until, past: null, why: "" });
    const open = openOutages(engine).map((o): Told => ({ key: `open.${o.outage}`, title: o.title, from: now - o.age_ns / 1e6, until: now }));
    const told = [...open, ...this.told.filter((t) => !open.some((o) => Math.abs(o.from - t.from) < 1000))];
    return [
      { key: "page", label: "Now, and what this page saw", span: of("page", 0, 0) },
      { key: "hour", label: "The last hour", span: of("hour", now - HOUR_MS, now) },
      { key: "day", label: "The last day", span: of("day", now - 24 * HOUR_MS, now) },
      ...told.map((t) => ({
        key: t.key, label: `${times(new Date(t.from), state.now).local}, ${duration((t.until - t.from) * 1e6)}: ${shortTitle(t.title)}`,
        span: of(t.key, t.from - AROUND_MS, Math.min(now, t.until + AROUND_MS)),
      })),
    ];
  }

  private speedNow(): number {
    const fits = (this.span.until - this.span.from) / 1000 / PLAY_S;
    return this.speed || SPEEDS.find((s) => s >= fits) || SPEEDS[SPEEDS.length - 1]!;
  }

  private play(): void {
    if (this.at === null || this.at >= this.span.until) this.at = this.span.from;
    this.playedAt = performance.now();
    const turn = (now: number): void => {
      const passed = now - this.playedAt;
      // Who wants no motion is shown one picture a second.
      if (!this.calm.matches || passed >= 1000) {
        this.playedAt = now;
        this.at = Math.min(this.span.until, (this.at ?? this.span.from) + passed * this.speedNow());
        this.redraw();
      }
      this.playing = this.at !== null && this.at < this.span.until ? requestAnimationFrame(turn) : 0;
      if (!this.playing) this.redraw();
    };
    this.playing = requestAnimationFrame(turn);
  }

  private stop(): void {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
  }

  // ---- the frame

  private fit(engine: Engine): Frame {
    const height = Math.round(Math.min(560, Math.max(200, this.width * 0.52)));
    if (!this.isFitted && this.frame) return (this.frame = clampFrame({ ...this.frame, width: this.width, height }));
    return (this.frame = frameAround((engine.places ?? []).filter(isPlaced).map(degreesOf), this.width, height));
  }

  private move(change: (frame: Frame) => Frame): void {
    if (!this.frame) return;
    this.isFitted = false;
    this.frame = clampFrame(change(this.frame));
    this.redraw();
  }

  private zoom(by: number): void {
    this.move((f) => ({ ...f, scale: f.scale * by }));
  }

  private showAll(): void {
    this.isFitted = true;
    this.redraw();
  }

  private onKey(event: KeyboardEvent): void {
    const moves: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (move) this.move((f) => ({ ...f, x: f.x + (move[0] * PAN_PX) / f.scale, y: f.y + (move[1] * PAN_PX) / f.scale }));
    else if (event.key === "+" || event.key === "=") this.zoom(ZOOM);
    else if (event.key === "-") this.zoom(1 / ZOOM);
    else if (event.key === "0") this.showAll();
    else return;
    event.preventDefault();
  }

  private dragging(): Record<string, (event: Event) => void> {
    return {
      keydown: (e) => this.onKey(e as KeyboardEvent),
      pointerdown: (e) => {
        const { clientX: x, clientY: y, button } = e as PointerEvent;
        if (button === 0 && this.frame) this.drag = { x, y, frame: this.frame };
      },
      pointermove: (e) => {
        const { clientX, clientY, buttons } = e as PointerEvent;
        const { drag } = this;
        if (!drag || !buttons) return;
        if (Math.hypot(clientX - drag.x, clientY - drag.y) > 4)
          this.move(() => ({ ...drag.frame, x: drag.frame.x - (clientX - drag.x) / drag.frame.scale,
            y: drag.frame.y - (clientY - drag.y) / drag.frame.scale }));
      },
      pointerup: () => (this.drag = null),
      pointerleave: () => (this.drag = null),
    };
  }

  // ---- what is drawn

  private draw(state: State, engine: Engine): Children {
    // The panel's padding is taken from what there is; a change of it comes back as a resize.
    this.width = Math.max(280, this.el.clientWidth - (innerWidth <= 720 ? 38 : 62));
    const past = this.span.past ?? { from: 0, until: 0, slots: new Map(), facts: [], verdicts: new Map(), carried: new Map() };
    const ways = waysOf(engine, past, this.at, this.family);
    const frame = this.fit(engine);
    return [
      panel("Map", this.families(engine),
        this.sentence(state, ways),
        this.map(engine, ways, frame),
        this.timeBar(state, engine, past),
        legend()),
      h("div", { class: "columns" },
        panel("Ways out", "choose one to follow it", this.wayList(ways, engine)),
        panel(this.at === null ? "What happened last" : "What had happened by then", null, this.happened(state, past))),
      this.unplaced(engine),
    ];
  }

  private sentence(state: State, ways: readonly Way[]): Node_ {
    const at = this.at === null ? state.now : new Date(this.at);
    const isLoud = ways.some((w) => w.step > 1);
    return h("p", { class: `map-sentence ${isLoud ? "bad" : ""}` },
      this.at === null ? tag("good", "now", "●") : tag("watch", "then", "◷"), " ", timeTag(at, state.now), " ",
      waysSentence(ways));
  }

  private families(engine: Engine): Node_ {
    const names = ["", ...new Set(engine.paths.map((p) => p.family))];
    return h("span", { class: "choice", role: "group", "aria-label": "Family" }, names.map((name) =>
      h("button", { type: "button", class: "plain", "aria-pressed": String(this.family === name),
        on: { click: () => { this.family = name; this.redraw(); } } }, name ? familyName(name) : "Both")));
  }

  private map(engine: Engine, ways: readonly Way[], frame: Frame): Node_ {
    const shapes = worldShapes();
    const spots = layOut(engine.places ?? [], frame);
    const transform = `translate(${(frame.width / 2 - frame.x * frame.scale).toFixed(2)} ${(frame.height / 2 - frame.y * frame.scale).toFixed(2)}) scale(${frame.scale.toFixed(4)})`;
    return h("div", { class: "map", tabindex: "0", role: "group", on: this.dragging(),
      "aria-label": "Map: arrow keys move it, plus and minus zoom, 0 shows all places" },
      h("svg", { width: frame.width, height: frame.height, viewBox: `0 0 ${frame.width} ${frame.height}`, role: "img",
        "aria-label": `Map with ${count(spots.length, "place")}: ${waysSentence(ways)}` },
        h("g", { class: "world", transform },
          h("path", { class: "graticule", d: shapes.grid }), h("path", { class: "land", d: shapes.land }),
          h("path", { class: "borders", d: shapes.borders })),
        this.lines(spots, ways, engine, frame), this.spots(spots, ways, engine), this.labels(spots, ways, frame)),
      h("div", { class: "map-buttons" },
        this.mapButton("+", "Closer", () => this.zoom(ZOOM)), this.mapButton("−", "Further away", () => this.zoom(1 / ZOOM)),
        this.mapButton("⤢", "All places", () => this.showAll())));
  }

  private mapButton(sign: string, label: string, click: () => void): Node_ {
    return h("button", { type: "button", class: "icon", "aria-label": label, title: label, on: { click } }, sign);
  }

  private isFaded(upstream: string): boolean {
    return this.chosen !== "" && this.chosen !== upstream;
  }

  private lines(spots: readonly Spot[], ways: readonly Way[], engine: Engine, frame: Frame): Node_ {
    const site = spots.find((s) => s.kind === "site");
    const targets = spots.filter((s) => s.kind === "target");
    const placed = ways.map((way) => ({ way, spot: spots.find((s) => s.kind === "upstream" && s.name === way.upstream) }));
    const isCrowded = placed.length * targets.length > LINES_MAX;
    const far: Node_[] = [], near: Node_[] = [];
    for (const { way, spot } of placed) {
      if (!spot) continue;
      const look = `loss-${Math.max(0, way.step)}${way.step < 0 ? " unknown" : ""}${way.step > 1 ? " lossy" : ""}${this.isFaded(way.upstream) ? " faded" : ""}`;
      const wide = Number.isNaN(way.share) ? 3 : 2 + 12 * way.share;
      if (!isCrowded || way.step > 1 || this.chosen === way.upstream)
        for (const target of targets)
          far.push(h("path", { key: `${way.upstream}\n${target.name}`, class: `way far ${look}`, d: wayBetween(spot, target, frame) }));
      if (!site) continue;
      const d = wayBetween(site, spot, frame);
      near.push(h("path", { key: way.upstream + "\ncase", class: "way-case", d, style: { "stroke-width": `${wide + 4}px` } }),
        h("path", { key: way.upstream, class: `way near ${look}`, d, style: { "stroke-width": `${wide}px` }, on: this.choosing(way.upstream) },
          h("title", null, this.wayTitle(way, engine))));
    }
    return h("g", { class: "ways" }, far, near);
  }

  private wayTitle(way: Way, engine: Engine): string {
    return `${engine.site} to ${way.upstream}: ${way.strands.map(strandWords).join("; ")}. ${shareWords(way)}`;
  }

  private choosing(upstream: string): Record<string, () => void> {
    return { click: () => { this.chosen = this.chosen === upstream ? "" : upstream; this.redraw(); } };
  }

  private spots(spots: readonly Spot[], ways: readonly Way[], engine: Engine): Node_ {
    const faultAt = (spot: Spot): boolean => this.at === null && spot.kind === "target" &&
      (engine.faults ?? []).some((f) => f.target === spot.name && f.state !== "over");
    return h("g", { class: "spots" }, spots.map((spot) => {
      const way = spot.kind === "upstream" ? ways.find((w) => w.upstream === spot.name) : undefined;
      const look = way ? `loss-${Math.max(0, way.step)}` : faultAt(spot) ? "loss-4" : "";
      const shape = spot.kind === "site" ? h("rect", { x: spot.x - 7, y: spot.y - 7, width: 14, height: 14, rx: 3 })
        : spot.kind === "upstream" ? h("circle", { cx: spot.x, cy: spot.y, r: 6 })
        : h("path", { d: `M${spot.x} ${spot.y - 6}l6 6l-6 6l-6 -6Z` });
      return h("g", { key: `${spot.kind}\n${spot.name}`, class: `spot ${spot.kind} ${look}${way && this.isFaded(spot.name) ? " faded" : ""}`,
        on: way ? this.choosing(spot.name) : {} }, shape, h("title", null, `${spot.kind} ${spot.name}${way ? ": " + way.strands.map(strandWords).join("; ") : ""}`));
    }));
  }

  private labels(spots: readonly Spot[], ways: readonly Way[], frame: Frame): Node_ {
    const wayOf = (spot: Spot): Way | undefined => (spot.kind === "upstream" ? ways.find((w) => w.upstream === spot.name) : undefined);
    const rank = (spot: Spot): number => (spot.kind === "site" ? 0 : (wayOf(spot)?.step ?? -2) > 0 ? -1 : spot.kind === "upstream" ? 1 : 2);
    const wanted = [...spots].sort((a, b) => rank(a) - rank(b)).map((spot) => {
      const way = wayOf(spot);
      const second = way ? [way.worst ? `${lossWords(way)} lost` : lossWords(way),
        Number.isNaN(way.share) ? "" : `carries ${(way.share * 100).toFixed(0)} %`].filter(Boolean).join(", ") : "";
      return { spot, lines: second ? [spot.name, second] : [spot.name], gap: spot.kind === "site" ? 13 : 11 };
    });
    return h("g", { class: "names", "aria-hidden": "true" }, layLabels(wanted, frame).map(({ spot, lines, x, y, anchor }) => {
      const way = wayOf(spot);
      const look = `${(way?.step ?? 0) > 1 ? "loud" : ""}${way && this.isFaded(spot.name) ? " faded" : ""}`;
      return h("text", { key: `${spot.kind}\n${spot.name}`, class: `spot-name ${spot.kind} ${look}`, x, y, "text-anchor": anchor },
        lines.map((line, i) => h("tspan", { x, dy: i ? 15 : 0, class: i ? "second" : "first" }, line)));
    }));
  }

  // ---- the time

  private timeBar(state: State, engine: Engine, past: Past): Node_ {
    const { span } = this;
    const spans = this.spans(state, engine);
    const at = this.at ?? span.until;
    const t = times(new Date(at), state.now);
    const known = spans.some((s) => s.key === span.key);
    const playing = this.playing !== 0;
    return h("div", { class: "time-bar" },
      h("div", { class: "time-strip" }, strip(past, span, engine, this.family, at),
        h("input", { type: "range", "aria-label": "Time", min: span.from, max: span.until, step: Math.max(1000, Math.round((span.until - span.from) / 500)),
          value: at, "aria-valuetext": `${t.local}, ${t.utc}`, on: { input: (e) => this.seek(Number((e.target as HTMLInputElement).value)) } })),
      h("div", { class: "time-ends" }, timeTag(new Date(span.from), state.now), timeTag(new Date(span.until), state.now)),
      h("div", { class: "time-controls" },
        h("button", { type: "button", class: "plain", disabled: !span.past, on: { click: () => this.toggle() } }, playing ? "❚❚ Pause" : "▶ Play"),
        h("label", null, "Speed ", h("select", { value: String(this.speedNow()), on: { change: (e) => { this.speed = Number((e.target as HTMLSelectElement).value); this.redraw(); } } },
          SPEEDS.map((s) => h("option", { value: String(s), selected: s === this.speedNow() }, `× ${s}`)))),
        h("label", { class: "span-choice" }, "Time ", h("select", { value: known ? span.key : "", on: { change: (e) => this.choose((e.target as HTMLSelectElement).value, spans) } },
          known ? null : h("option", { value: "" }, "as the link says"),
          spans.map((s) => h("option", { value: s.key, selected: s.key === span.key }, s.label)))),
        h("button", { type: "button", class: "plain", disabled: this.at === null && span.key === "page", on: { click: () => this.choose("page", spans) } }, "Back to now")),
      span.why ? h("p", { class: "empty" }, `Of this time nothing can be shown: ${span.why}. The key store of the configuration keeps it.`) : null,
      !span.past && !span.why ? h("p", { class: "empty" }, "Asking the store …") : null);
  }

  private seek(at: number): void {
    this.stop();
    // At its right end the page's own time goes on with the clock.
    this.at = this.span.key === "page" && at >= this.span.until - 1000 ? null : at;
    this.redraw();
  }

  private toggle(): void {
    if (this.playing) this.stop();
    else this.play();
    this.redraw();
  }

  private choose(key: string, spans: { key: string; span: () => Span }[]): void {
    const found = spans.find((s) => s.key === key);
    if (found) {
      this.speed = 0;
      this.take(found.span());
    }
  }

  // ---- beside the map

  private wayList(ways: readonly Way[], engine: Engine): Children {
    return h("ul", { class: "rows way-rows" }, [...ways].sort((a, b) => b.step - a.step).map((way) => {
      const place = (engine.places ?? []).find((p) => p.kind === "upstream" && p.name === way.upstream);
      return h("li", { key: way.upstream },
        h("button", { type: "button", class: `way-button s${Math.max(0, way.step)}`, "aria-pressed": String(this.chosen === way.upstream), on: this.choosing(way.upstream) },
          h("b", null, way.upstream), " ", lossWords(way)),
        way.strands.map((s) => h("span", { class: "strand" }, strandWords(s), " ", s.mark && s.mark.tone !== "good" ? markTag(s.mark) : null)),
        h("span", { class: "faint" }, shareWords(way) || (this.at === null ? "what it carries is not known" : ""),
          place && !isPlaced(place) ? " · not on the map" : ""));
    }));
  }

  private happened(state: State, past: Past): Children {
    const list = alike(this.at === null ? facts(state) : factsUntil(past, this.at)).slice(0, FACTS_SHOWN);
    if (list.length === 0) return empty(this.at === null ? "Nothing yet." : "Nothing was told in this time until then.");
    return h("ol", { class: "log" }, list.map((fact) => h("li", { key: fact.time + fact.text },
      timeTag(new Date(fact.time), state.now), h("span", null, brief(fact.text), fact.more > 0 ? `, and ${fact.more} more prefixes` : null))));
  }

  private unplaced(engine: Engine): Node_ | null {
    const left = (engine.places ?? []).filter((p) => !isPlaced(p));
    if (left.length === 0) return null;
    const kinds: [string, string][] = [["site", "Site"], ["upstream", "Ways out"], ["target", "Destinations"]];
    const names = (kind: string): Place[] => left.filter((p) => p.kind === kind);
    return panel("Not on the map", count(left.length, "place"),
      h("p", { class: "faint" }, "No location is configured for these, and none is guessed: ",
        h("code", null, "location: [50.11, 8.68]"), " beside the name of each puts it there."),
      h("dl", { class: "facts" }, kinds.filter(([kind]) => names(kind).length > 0).map(([kind, label]) =>
        [h("dt", null, label), h("dd", null, names(kind).map((p) => p.name).join(", "))])));
  }
}

// The worst loss of each moment, so that one sees where to look.
function strip(past: Past, span: Span, engine: Engine, only: string, at: number): Node_ {
  const length = Math.max(1, span.until - span.from);
  const x = (time: number): number => ((time - span.from) / length) * 1000;
  const worst = new Map<number, { from: number; loss: number }>();
  for (const path of engine.paths) {
    if (path.upstream === null || (only && path.family !== only)) continue;
    for (const slot of past.slots.get(path.path) ?? []) {
      if (!(slot.loss > 0) && worst.has(slot.until)) continue;
      const old = worst.get(slot.until);
      if (!Number.isNaN(slot.loss) && (!old || slot.loss > old.loss)) worst.set(slot.until, { from: slot.from, loss: slot.loss });
    }
  }
  const bars = ["", "", "", "", "", ""];
  for (const [until, { from, loss }] of worst) {
    const left = Math.max(0, x(from)), wide = Math.max(1.5, x(until) - left), high = loss > 0 ? Math.max(3, Math.sqrt(Math.min(loss, 1e6) / 1e6) * 30) : 1;
    bars[lossStep(loss)] += `M${left.toFixed(1)} 32v-${high.toFixed(1)}h${wide.toFixed(1)}v${high.toFixed(1)}Z`;
  }
  return h("svg", { class: "map-strip", viewBox: "0 0 1000 32", preserveAspectRatio: "none", "aria-hidden": "true" },
    bars.map((d, step) => h("path", { class: `worst loss-${step}`, d })),
    h("line", { class: "now-line", x1: x(at), x2: x(at), y1: 0, y2: 32 }));
}

function legend(): Node_ {
  const steps: [number, string][] = [[0, "nothing lost"], [1, `to ${percent(1000)}`], [2, `to ${percent(10_000)}`], [3, `to ${percent(50_000)}`], [4, `to ${percent(200_000)}`], [5, "more"]];
  return h("div", { class: "map-legend" },
    h("ul", null, steps.map(([step, words]) => h("li", null,
      h("svg", { width: 26, height: 10, viewBox: "0 0 26 10", "aria-hidden": "true" }, h("path", { class: `way loss-${step}${step > 1 ? " lossy" : ""}`, d: "M1 5H25", style: { "stroke-width": "4px" } })), words))),
    h("p", null, "Colour: loss, dashed from 0.1 % on. Width: share of the traffic that leaves. Thin lines lead on to the destinations that are probed. Coasts: Natural Earth."));
}

export function mapView(): View {
  return new MapView();
}
