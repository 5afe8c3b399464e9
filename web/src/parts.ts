// SPDX-License-Identifier: ISC
// Pieces that several views show alike.
import { h, type Children, type Node_ } from "./dom";
import { duration, times } from "./format";
import type { Mark, Tone } from "./scale";
import type { Point } from "./series";

export function tag(tone: Tone, text: string, shape = ""): Node_ {
  return h("span", { class: `tag ${tone}` }, shape ? h("span", { class: "shape", "aria-hidden": "true" }, shape) : null,
    text);
}

export function markTag(mark: Mark): Node_ {
  return tag(mark.tone, mark.word, mark.shape);
}

export function timeTag(at: Date, today: Date, withMs = false): Node_ {
  const t = times(at, today, withMs);
  return h("time", { datetime: t.iso, title: t.utc }, h("span", { class: "local" }, t.local), " ",
    h("span", { class: "utc" }, t.utc));
}

// When something began that is `ageNs` old as of the picture.
export function sinceTag(ageNs: number, now: Date): Node_ {
  return h("span", { class: "since" }, `for ${duration(ageNs)}, since `, timeTag(new Date(now.getTime() - ageNs / 1e6), now));
}

export function panel(title: string, aside: Children, ...body: Children[]): Node_ {
  const id = "p-" + title.toLowerCase().replace(/[^a-z]+/g, "-");
  return h("section", { class: "panel", "aria-labelledby": id },
    h("div", { class: "panel-head" }, h("h2", { id }, title), aside ? h("span", { class: "aside" }, aside) : null), body);
}

export function empty(text: string): Node_ {
  return h("p", { class: "empty" }, text);
}

// Loss as bars over time: height by the root, so that 0.1 % is seen beside 40 %. Its text says the rest.
export function sparkline(points: readonly Point[], label: string, width = 120, height = 22): Node_ {
  const begin = points.length ? points[0]!.at : 0;
  const span = Math.max(60_000, points.length ? points[points.length - 1]!.at - begin : 0);
  const x = (at: number): number => ((at - begin) / span) * (width - 2);
  let line = "";
  for (const p of points) {
    if (!(p.loss > 0)) continue;
    const high = Math.max(1.5, Math.sqrt(Math.min(p.loss, 1e6) / 1e6) * (height - 2));
    line += `M${x(p.at).toFixed(1)} ${height - 1}v-${high.toFixed(1)}`;
  }
  return h("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    h("path", { class: "spark-ground", d: `M0 ${height - 0.5}H${width}` }),
    line ? h("path", { class: "spark-loss", d: line }) : null);
}
