// SPDX-License-Identifier: ISC
// The looking glass: every path to a prefix, which one each peer chose and why; and what a drain would do.
import { askLines } from "../api";
import { h, render, type Children, type Node_ } from "../dom";
import { count } from "../format";
import { empty, panel, tag, timeTag } from "../parts";
import { allLines } from "../past";
import { linkTo, replace, type Route } from "../router";
import type { State } from "../state";
import { moves } from "../story";
import { laneOf } from "../timeline";
import type { Engine } from "../types";
import type { View } from "../view";
import { effectLines, flow, whatifLines, type Effect } from "./whatif";

interface RoutePath {
  peer: string;
  kind: string;
  router: string | null;
  upstream: string | null;
  path_id: number;
  next_hop?: string;
  local_pref?: number;
  med?: number;
  as_path?: string;
  origin?: string;
  communities?: string[];
  large_communities?: string[];
  best?: boolean;
  our_echo?: boolean;
  reason?: string;
}

interface Sight {
  next_hop: string;
  upstream: string | null;
  origin_as: number;
  foreign: boolean;
}

interface Answer {
  of: string;
  prefix: string | null;
  paths: RoutePath[];
  seen: { peer: string; state: string }[];
  changes: { time: string; prefix: string; peer: string; before: Sight | null; after: Sight | null }[];
  leftOut: number;
}

interface Told {
  at: number;
  text: string;
}

const DAY_MS = 86_400_000;
const TOLD_MS = 7 * DAY_MS;

// What Fairlead told of the prefix, newest first; a text: why that is not known. Whichever clock is ahead, the
// reader's or the daemon's, the latest is in it.
async function toldOf(prefix: string, now: number): Promise<Told[] | string> {
  try {
    return (await allLines("facts", now - TOLD_MS, now + DAY_MS, 0, prefix)).flatMap((line) => typeof line.said === "string" && line.said !== ""
      ? [{ at: Date.parse(String(line.time)), text: line.said }] : []).reverse();
  } catch (error) {
    return (error as Error).message;
  }
}

function gather(of: string, lines: Record<string, any>[]): Answer {
  const answer: Answer = { of, prefix: null, paths: [], seen: [], changes: [], leftOut: 0 };
  for (const line of lines) {
    if (line.answer === "routes") answer.prefix = line.prefix ?? null;
    else if (line.path) answer.paths.push(line.path as RoutePath);
    else if (line.seen) answer.seen.push(line.seen);
    else if (line.change) answer.changes.push(line.change);
    else if (line.done) answer.leftOut = line.left_out ?? 0;
  }
  return answer;
}

// ---- a prefix

function choices(paths: readonly RoutePath[]): Children {
  const best = paths.filter((p) => p.best);
  if (best.length === 0) return null;
  return h("ul", { class: "choices" }, best.map((p) => h("li", null,
    h("b", null, p.peer), " uses ", h("b", null, p.upstream ? p.upstream : "no upstream of ours"),
    p.our_echo ? h("span", null, " ", tag("watch", "moved by Fairlead", "▲")) : null,
    h("span", { class: "faint" }, ` by ${p.next_hop ?? "–"}: ${p.reason ?? "it told no reason"}`))));
}

// What the routers told is theirs; what Fairlead told them stands above it.
function movedBanner(engine: Engine, prefix: string): Children {
  return moves((engine.overrides ?? []).filter((o) => o.prefix === prefix)).map((m) => h("p", { class: "moved" },
    tag("watch", m.state, "▲"), " Fairlead moves it to ", h("b", null, m.upstream), ` on ${m.routers.join(", ")}, above what the routers chose by themselves:`));
}

function attributes(p: RoutePath): Children {
  const more = [...(p.communities ?? []), ...(p.large_communities ?? [])];
  return more.length ? h("div", { class: "mono faint" }, more.join(" ")) : null;
}

function pathRow(p: RoutePath): Node_ {
  return h("tr", { class: p.best ? "best" : null },
    h("td", null, p.our_echo ? tag("watch", "ours", "▲") : p.best ? tag("good", "chosen", "●") : ""),
    h("th", { scope: "row" }, p.peer, h("span", { class: "use" }, p.kind)),
    h("td", null, p.upstream ? p.upstream : h("span", { class: "faint" }, "none of ours")),
    h("td", { class: "mono" }, p.next_hop ?? "–"), h("td", { class: "num" }, p.local_pref ?? "–"), h("td", { class: "num" }, p.med ?? "–"),
    h("td", { class: "mono" }, p.as_path || "local"), h("td", null, p.best ? p.reason ?? "" : "", attributes(p)));
}

function sight(s: Sight | null): string {
  if (!s) return "not there";
  return `${s.next_hop}${s.upstream ? ` (${s.upstream})` : ""}, origin AS ${s.origin_as}${s.foreign ? ", foreign" : ""}`;
}

const TOLD_SHOWN_MAX = 50;

// Changes as the routers told them, of our own prefixes; and what Fairlead said and did, of any.
function historyPanel(state: State, answer: Answer, told: readonly Told[] | string): Node_ {
  const changes = answer.changes.map((c) => ({ at: Date.parse(c.time), row: [tag("watch", "route"),
    h("span", { class: "log-text" }, h("b", null, c.peer), ` ${c.prefix}: ${sight(c.before)} → ${sight(c.after)}`)] }));
  const said = typeof told === "string" ? [] : told.map((t) => {
    const { lane, tone } = laneOf(t.text);
    return { at: t.at, row: [tag(tone, lane), h("span", { class: "log-text" }, t.text)] };
  });
  const all = [...changes, ...said].filter((e) => !Number.isNaN(e.at)).sort((a, b) => b.at - a.at);
  return panel("History", all.length ? count(all.length, "event") : null,
    all.length === 0 ? empty("Nothing was told of it in a week.")
      : h("ol", { class: "log laned" }, all.slice(0, TOLD_SHOWN_MAX).map((e) => h("li", null, timeTag(new Date(e.at), state.now, true), e.row))),
    all.length > TOLD_SHOWN_MAX ? h("p", { class: "faint" }, `and ${all.length - TOLD_SHOWN_MAX} more, earlier`) : null,
    typeof told === "string" ? h("p", { class: "faint" }, `What Fairlead did with it is not known here: ${told}.`) : null);
}

function answerPanels(state: State, engine: Engine, answer: Answer, told: readonly Told[] | string): Children {
  if (!answer.prefix) return panel("Paths", null, empty(`No table has a route to ${answer.of}.`));
  return [
    panel(`Paths to ${answer.prefix}`, `${count(answer.paths.length, "path")}${answer.leftOut ? `, ${answer.leftOut} left out` : ""}`,
      movedBanner(engine, answer.prefix), choices(answer.paths),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "All paths" }, h("table", { class: "grid" },
        h("thead", null, h("tr", null, ["", "peer", "upstream", "next hop", "pref", "med", "AS path", "why"].map((word, i) =>
          h(word ? "th" : "td", { scope: word ? "col" : null, class: i === 4 || i === 5 ? "num" : null }, word)))),
        h("tbody", null, answer.paths.map(pathRow))))),
    historyPanel(state, answer, told),
    answer.seen.length ? panel("Seen in", count(answer.seen.length, "table"), h("ul", { class: "rows" }, answer.seen.map((s) => h("li", null,
      tag(s.state === "visible" || s.state === "shown" ? "good" : "mute", s.state), s.peer)))) : null,
  ];
}

// ---- what if

function objects(engine: Engine): string[] {
  const upstreams = [...new Set(engine.paths.map((p) => p.upstream).filter((u): u is string => u !== null))];
  return [...upstreams.map((u) => `upstream ${u}`), ...engine.sessions.map((s) => `router ${s.router}`), "site"];
}

export function routesView(): View {
  let place: HTMLElement;
  let redraw: () => void;
  let asked = "";
  let answer: Answer | string | null = null;
  let told: Told[] | string = [];
  let object = "";
  let what: Effect | string | null = null;

  const look = async (prefix: string): Promise<void> => {
    asked = prefix;
    answer = prefix ? "Asking …" : null;
    told = [];
    if (prefix) {
      try {
        const found = gather(prefix, await askLines("routes", { prefix }));
        if (asked === prefix) answer = found;
        redraw();
        const said = found.prefix ? await toldOf(found.prefix, Date.now()) : [];
        if (asked === prefix) told = said;
      } catch (error) {
        if (asked === prefix) answer = `Not answered: ${(error as Error).message}`;
      }
    }
    redraw();
  };
  const suppose = async (chosen: string): Promise<void> => {
    object = chosen;
    what = chosen ? "Asking …" : null;
    redraw();
    if (!chosen) return;
    try {
      const found = await whatifLines(chosen);
      if (object === chosen) what = found;
    } catch (error) {
      if (object === chosen) what = `Not answered: ${(error as Error).message}`;
    }
    redraw();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const prefix = (place.querySelector<HTMLInputElement>("#prefix")?.value ?? "").trim();
    replace(linkTo("routes", "", { prefix, drain: object }));
    void look(prefix);
  };
  const choose = (event: Event): void => {
    const chosen = (event.target as HTMLSelectElement).value;
    replace(linkTo("routes", "", { prefix: asked, drain: chosen }));
    void suppose(chosen);
  };

  const lookForm = (engine: Engine): Node_ => panel("Looking glass", null,
    h("form", { class: "ask", on: { submit } },
      h("label", { for: "prefix" }, "Prefix or address"),
      h("input", { id: "prefix", class: "mono", "data-filter": true, autocomplete: "off", spellcheck: "false", placeholder: "203.0.113.0/24 or 2001:db8::1" }),
      h("button", { type: "submit", class: "deed-button" }, "Look up")),
    engine.overrides.length && !asked ? h("p", { class: "faint" }, "Moved now: ", [...new Set(engine.overrides.map((o) => o.prefix))].slice(0, 6)
      .map((p) => [h("a", { class: "mono", href: linkTo("routes", "", { prefix: p }) }, p), " "])) : null,
    typeof answer === "string" ? h("p", { class: "empty", role: "status" }, answer) : null);
  const whatifPanel = (engine: Engine): Node_ => panel("What if it were drained", "nothing is changed by asking",
    h("form", { class: "ask" }, h("label", { for: "object" }, "Drain"),
      h("select", { id: "object", on: { change: choose } }, h("option", { value: "" }, "choose …"),
        objects(engine).map((o) => h("option", { value: o, selected: o === object ? true : null }, o)))),
    typeof what === "string" ? h("p", { class: "empty", role: "status" }, what) : null,
    what && typeof what === "object" ? [flow(object, what.summaries), effectLines(what)] : null);

  return {
    title: "Routes",
    mount(el, _route, again) {
      place = el;
      redraw = again;
    },
    update(state, route: Route) {
      if (!state.engine) return render(place, empty("Waiting for the engine's picture …"));
      const wanted = route.query.prefix ?? "";
      const supposed = route.query.drain ?? "";
      const isNew = wanted !== asked;
      render(place, lookForm(state.engine),
        answer && typeof answer === "object" ? answerPanels(state, state.engine, answer, told) : null, whatifPanel(state.engine));
      if (isNew) {
        (place.querySelector("#prefix") as HTMLInputElement).value = wanted;
        void look(wanted);
      }
      if (supposed !== object) void suppose(supposed);
    },
  };
}
