// SPDX-License-Identifier: ISC
// Is anything wrong, since when, what did Fairlead do, what is left: then the numbers.
import { deedButton, deedsRow, type Deed } from "../acts";
import { approveLift, drainAny, freeze, liftAny, stop, thaw, undrain, unlift, withdrawAll } from "../deeds";
import { h, render, type Children, type Node_ } from "../dom";
import { count, delay, duration, family, percent, rate } from "../format";
import { empty, markTag, panel, sinceTag, sparkline, tag, timeTag } from "../parts";
import { lossStep, outageMark, pathMark, type Tone } from "../scale";
import { linkTo } from "../router";
import { facts, type State } from "../state";
import { alike, brief, direction, drainHolds, firstCause, moves, openOutages, plainAction, shortTitle, summarise } from "../story";
import type { Engine, Outage, Path } from "../types";
import type { View } from "../view";
import { inboundRows } from "./inbound";

const CHANGE_BACK_MS = 60_000;
const FACTS_SHOWN = 12;
const PREFIXES_SHOWN = 6;

const SHAPES = { good: "●", watch: "▲", bad: "■", mute: "○" };

function banner(state: State, engine: Engine): Node_ {
  const story = summarise(engine);
  const list = (title: string, items: Children[]): Node_ | null =>
    items.length === 0 ? null : h("div", { class: "story-part" }, h("h2", null, title),
      h("ul", null, items.map((item) => h("li", null, item))));
  const { outage } = story;
  return h("section", { class: `story ${story.tone}`, "aria-label": "Summary" },
    h("p", { class: "headline", role: "status" },
      h("span", { class: "shape", "aria-hidden": "true" }, SHAPES[story.tone]),
      outage ? h("a", { href: linkTo("incident", String(outage.outage)) }, story.headline) : story.headline),
    story.ageNs === null ? null : h("p", { class: "story-since" }, sinceTag(story.ageNs, state.now),
      outage ? [" ", tag("mute", outage.severity), " ", h("span", { class: "number" }, `#${outage.outage}`)] : null),
    h("div", { class: "story-parts" },
      list("Why", story.why),
      list("Fairlead did", story.did),
      list("Left to do", story.left.map((todo) => todo.link ? h("a", { href: todo.link }, todo.text) : todo.text))));
}

function outageCard(outage: Outage, state: State): Node_ {
  const mark = outageMark(outage.state);
  return h("li", { key: String(outage.outage), class: `outage ${mark.tone}` },
    h("div", { class: "outage-head" }, markTag(mark), tag("mute", outage.severity),
      h("span", { class: "number" }, `#${outage.outage}`),
      h("a", { class: "outage-title", href: linkTo("incident", String(outage.outage)) }, shortTitle(outage.title))),
    h("dl", { class: "facts" },
      h("dt", null, "Why"), h("dd", null, firstCause(outage.cause)),
      h("dt", null, "Done"), h("dd", null, plainAction(outage.action)),
      h("dt", null, "Since"), h("dd", null, sinceTag(outage.age_ns, state.now)),
      h("dt", null, "Lost now"), h("dd", null, `${percent(outage.share_ppm)} of all packets`)));
}

function change(ppm: number): Children {
  if (!Number.isFinite(ppm) || Math.abs(ppm) < 500) return null;
  const more = ppm > 0;
  return h("span", { class: "change", title: "against a minute ago" },
    `${more ? "▴" : "▾"} ${more ? "+" : "−"}${percent(Math.abs(ppm)).replace(" %", "")} pp`);
}

// Of a path that loses none now, its last ten seconds tell nothing of now.
function directionWords(path: Path): Children {
  return path.loss_ppm > 0 && direction(path.rate) ? h("span", null, direction(path.rate)) : null;
}

function wayCells(path: Path | undefined, state: State): Node_[] {
  if (!path) return [h("td", { class: "none" }, "–"), h("td", { class: "none wide" })];
  const measured = path.samples > 0;
  const mark = pathMark(path);
  const loss = measured ? percent(path.loss_ppm) : "–";
  return [
    h("td", { class: `loss s${measured ? lossStep(path.loss_ppm) : 0}` },
      h("span", { class: "loss-first" }, h("span", { class: "loss-value" }, loss), " ",
        h("span", { class: `verdict ${mark.tone}` }, h("span", { class: "shape", "aria-hidden": "true" }, mark.shape), mark.word)),
      h("span", { class: "loss-second" }, measured ? delay(path.rtt_p50_ns) : "–", " ", directionWords(path),
        path.loss_ppm > 0 && change(state.series.lossChange(path.path, CHANGE_BACK_MS)))),
    h("td", { class: "wide" }, sparkline(state.series.points(path.path), `loss of ${path.path} lately, now ${loss}`)),
  ];
}

function useOf(engine: Engine, upstream: string | null): Children {
  const use = (engine.use ?? []).find((u) => u.upstream === upstream);
  if (!use || use.out_bps === null) return null;
  const room = use.capacity_mbps ? ` of ${rate(use.capacity_mbps * 1e6)}` : "";
  return h("span", { class: "use" }, `out ${rate(use.out_bps)}${room}, in ${rate(use.in_bps)}`);
}

function matrix(engine: Engine, state: State): Node_ {
  const families = [...new Set(engine.paths.map((p) => p.family))].sort();
  const upstreams = [...new Set(engine.paths.map((p) => p.upstream))];
  const row = (upstream: string | null): Node_ => h("tr", { key: upstream ?? "\u0000" },
    h("th", { scope: "row" }, upstream === null ? "as routed" : upstream,
      upstream === null ? h("span", { class: "use" }, "the way that customers' packets go") : useOf(engine, upstream)),
    families.map((f) => wayCells(engine.paths.find((p) => p.upstream === upstream && p.family === f), state)));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Loss and delay of each way out" },
    h("table", { class: "matrix" },
      h("thead", null,
        h("tr", null, h("th", { scope: "col" }, `${engine.site}: upstream`),
          families.map((f) => [h("th", { scope: "col" }, h("span", { class: "family" }, family(f)), " loss, median delay"),
            h("th", { scope: "col", class: "wide" }, "loss lately")]))),
      h("tbody", null, upstreams.map(row))));
}

function moved(engine: Engine): Children {
  const list = moves(engine.overrides ?? []), asked = inboundRows(engine);
  if (list.length + asked.length === 0) return empty("Nothing: the routers' own choice stands.");
  return h("ul", { class: "rows" }, asked, list.map((move) => h("li", null,
    tag(move.state === "announced" ? "watch" : "mute", move.state),
    h("span", null, `${count(move.prefixes.length, "prefix", "prefixes")} → `, h("b", null, move.upstream),
      ` on ${move.routers.join(", ")}`),
    h("span", { class: "prefixes" }, move.prefixes.slice(0, PREFIXES_SHOWN).map((prefix) =>
      [h("a", { href: linkTo("routes", "", { prefix }) }, prefix), " "]),
      move.prefixes.length > PREFIXES_SHOWN ? `and ${move.prefixes.length - PREFIXES_SHOWN} more` : null))));
}

function health(engine: Engine, state: State): Node_ {
  const dead = engine.roles.filter((r) => r.state !== "alive");
  return h("ul", { class: "rows" },
    engine.sessions.map((s) => h("li", null, tag(s.up ? "good" : "bad", s.up ? "up" : "down", s.up ? "●" : "■"),
      `BGP with ${s.router}`, h("span", { class: "faint" }, !s.up ? "" : s.complete.length
        ? `${s.complete.map(family).join(" and ")} complete` : "tables still coming"))),
    h("li", null, tag(dead.length ? "bad" : "good", dead.length ? "down" : "up", dead.length ? "■" : "●"),
      dead.length ? `processes: ${dead.map((r) => r.role).join(", ")}` : `${engine.roles.length} processes`,
      h("span", { class: "faint" }, `longest turn ${(state.picture?.turn_longest_ms ?? 0).toFixed(1)} ms`)));
}

function happened(state: State): Children {
  const list = alike(facts(state)).slice(0, FACTS_SHOWN);
  if (list.length === 0) return empty("Nothing yet.");
  return h("ol", { class: "log" }, list.map((fact) => h("li", { key: fact.time + fact.text },
    timeTag(new Date(fact.time), state.now),
    h("span", null, brief(fact.text), fact.more > 0 ? `, and ${fact.more} more prefixes` : null))));
}

const LIFT_STATES: Record<string, [Tone, string]> = { waits: ["watch", "waits for a second person"], in_force: ["watch", "in force"] };

// What people hold, each with what ends it.
function held(engine: Engine, state: State): Children {
  const { session } = state;
  const end = (deed: Deed): Node_ => deedButton(deed, session);
  const rows: Children[] = [
    engine.frozen ? h("li", null, tag("watch", "frozen", "▲"), h("span", { class: "held-words" }, `all of it${engine.frozen_why ? `: ${engine.frozen_why}` : ""}`),
      end(thaw(engine))) : null,
    ...(engine.drains ?? []).map((d) => h("li", { key: `d${d.number}` }, tag(d.state === "safe" ? "good" : "watch", `drain: ${d.state}`),
      h("span", { class: "held-words" }, h("b", null, d.object), ` by ${d.who}: ${d.reason}${d.text ? `; ${d.text}` : ""}`,
        d.left_ns === null || !drainHolds(d) ? null : h("span", { class: "faint" }, `, ${duration(d.left_ns)} left`)), drainHolds(d) ? end(undrain(d.object)) : null)),
    ...(engine.lifts ?? []).map((lift) => {
      const [tone, words] = LIFT_STATES[lift.state] ?? ["mute", lift.state];
      return h("li", { key: `l${lift.number}` }, tag(tone, `lift: ${words}`),
        h("span", { class: "held-words" }, h("b", null, `${lift.rule} of ${lift.object}`), ` by ${[lift.first, lift.second].filter(Boolean).join(" and ")}: ${lift.reason}`,
          h("span", { class: "faint" }, `, ${duration(lift.left_ns)} left`)),
        lift.state === "waits" ? end(approveLift(lift)) : null, end(unlift(lift)));
    }),
  ].filter(Boolean);
  return rows.length ? panel("Held by people", null, h("ul", { class: "rows held" }, rows)) : null;
}

function mayDo(engine: Engine, state: State): Node_ {
  return panel("What you may do here", "each shows first what it will bring",
    deedsRow([engine.frozen ? thaw(engine) : freeze(engine), drainAny(engine), withdrawAll(engine), liftAny(engine), stop(engine)], state.session));
}

function notices(engine: Engine): Children {
  if (!engine.notices?.length) return null;
  const tones = { error: "bad", warn: "watch" } as const;
  return panel("Noticed in tables and sessions", count(engine.notice_count, "notice"),
    h("ul", { class: "rows" }, engine.notices.map((n) => h("li", null,
      tag(tones[n.severity as keyof typeof tones] ?? "mute", n.words),
      h("span", null, [n.prefix, n.peer || n.router].filter(Boolean).map((t) => t as string).join(" at "), n.text && (n.prefix || n.peer || n.router) ? ": " : "", n.text),
      h("span", { class: "faint" }, `for ${duration(n.since_ns)}`)))));
}

function draw(state: State, engine: Engine): Children {
  const outages = openOutages(engine);
  return [
    banner(state, engine),
    outages.length > 1 ? panel("Open outages", count(outages.length, "outage"),
      h("ul", { class: "outages" }, outages.map((o) => outageCard(o, state)))) : null,
    held(engine, state),
    panel("Ways out", h("a", { href: linkTo("paths") }, "all paths"), matrix(engine, state)),
    h("div", { class: "columns" },
      panel("Moved now", engine.override_count ? count(engine.override_count, "announcement") : null, moved(engine)),
      panel("Sessions and processes", null, health(engine, state))),
    mayDo(engine, state),
    notices(engine),
    panel("What happened last", null, happened(state)),
  ];
}

export function nowView(): View {
  let place: HTMLElement;
  return {
    title: "Now",
    mount(el) {
      place = el;
    },
    update(state) {
      render(place, state.engine ? draw(state, state.engine) : empty("Waiting for the engine's picture …"));
    },
  };
}
