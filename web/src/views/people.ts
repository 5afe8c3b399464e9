// SPDX-License-Identifier: ISC
// Who is on call, who was paged of what and has it in hand, and whether pages get through.
import { h, render, type Children } from "../dom";
import { count } from "../format";
import { empty, panel, tag } from "../parts";
import type { Tone } from "../scale";
import { linkTo } from "../router";
import { facts, type State } from "../state";
import { shortTitle } from "../story";
import { timeTag } from "../parts";
import type { Pages } from "../types";
import type { View } from "../view";

const CASES: Record<string, [Tone, string, string]> = {
  open: ["bad", "■", "nobody has it"], acknowledged: ["good", "●", "acknowledged"], over: ["mute", "○", "over"],
};

function onCall(pages: Pages): Children {
  if (pages.on_call.length === 0) return empty("No team is configured: nobody is paged.");
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "On call" }, h("table", { class: "grid" },
    h("thead", null, h("tr", null, ["team", "primary", "secondary"].map((w) => h("th", { scope: "col" }, w)))),
    h("tbody", null, pages.on_call.map((team) => h("tr", null, h("th", { scope: "row" }, team.team),
      h("td", null, team.primary === null ? tag("bad", "nobody", "■") : team.primary),
      h("td", null, team.secondary === null ? h("span", { class: "faint" }, "nobody") : team.secondary))))));
}

function cases(pages: Pages, state: State): Children {
  if (pages.cases.length === 0) return empty("Nobody was paged.");
  return h("ul", { class: "rows" }, pages.cases.map((c) => {
    const [tone, shape, word] = CASES[c.state] ?? ["mute", "○", c.state];
    const title = (state.engine?.outages ?? []).find((o) => o.outage === c.outage)?.title;
    return h("li", null, tag(tone, word, shape), h("span", { class: "number" }, `#${c.outage}`),
      h("a", { href: linkTo("incident", String(c.outage)) }, title ? shortTitle(title) : `outage ${c.outage}`),
      c.has_it ? h("span", null, "in the hands of ", h("b", null, c.has_it)) : null,
      c.planned ? tag("mute", "planned work: nobody is woken") : null,
      h("span", { class: "second" }, c.paged.length === 0 ? "nobody was paged yet" : c.paged.map((p) => h("span", { class: "paged" },
        tag(p.delivered ? "good" : "watch", p.delivered ? "delivered" : "on its way", p.delivered ? "●" : "▲"), ` ${p.person} `))));
  }));
}

function channels(pages: Pages): Children {
  if (pages.channels.length === 0) return empty("No channel is configured.");
  const mark = (state: string): [Tone, string] => state === "sent" ? ["good", "●"] : state === "failed" ? ["bad", "■"] : ["mute", "○"];
  return h("ul", { class: "rows" }, pages.channels.map((c) => {
    const [tone, shape] = mark(c.state);
    return h("li", null, tag(tone, c.state || "not used yet", shape), h("b", null, c.channel),
      c.reason ? h("span", { class: "faint" }, c.reason) : null,
      c.missed > 0 ? tag("bad", `${count(c.missed, "heartbeat")} missed`, "■") : null);
  }));
}

function sent(state: State): Children {
  const list = facts(state).filter((f) => /^page \d+ | asked for /.test(f.text));
  if (list.length === 0) return empty("Nothing lately.");
  return h("ol", { class: "log" }, list.map((f) => h("li", { key: f.time + f.text },
    timeTag(new Date(f.time), state.now), h("span", null, f.text.replace(/^page \d+ /, "page ")))));
}

export function peopleView(): View {
  let place: HTMLElement;
  return {
    title: "People",
    mount(el) {
      place = el;
    },
    update(state) {
      const pages = state.engine?.pages;
      if (!pages) return render(place, empty("Waiting for the engine's picture …"));
      return render(place,
        h("div", { class: "columns" }, panel("On call now", null, onCall(pages)), panel("Ways of pages", null, channels(pages))),
        panel("Who was paged, and who has it", pages.cases.length ? count(pages.cases.length, "outage") : null, cases(pages, state)),
        panel("Pages and words of people lately", null, sent(state)));
    },
  };
}
