// SPDX-License-Identifier: ISC
// The 5-tuples of a path, a strip each, the worst first.
import { h, type Children, type Node_ } from "../dom";
import { count, percent } from "../format";
import type { Flow } from "../flows";
import { lossStep } from "../scale";

const SHOWN_MAX = 24;
const HEIGHT = 14;

function side(flow: Flow): string {
  return flow.out > 2 * flow.back ? ", on the way out" : flow.back > 2 * flow.out ? ", on the way back" : "";
}

function strip(flow: Flow, from: number, until: number): Node_ {
  const paths = ["", "", "", "", "", ""];
  for (const slot of flow.slots) {
    const left = Math.max(0, ((slot.from - from) / (until - from)) * 1000), right = Math.min(1000, ((slot.until - from) / (until - from)) * 1000);
    if (right > left) paths[lossStep((slot.lost / slot.sent) * 1e6)] += `M${left.toFixed(1)} 0h${Math.max(1.5, right - left).toFixed(1)}v${HEIGHT}h-${Math.max(1.5, right - left).toFixed(1)}Z`;
  }
  return h("svg", { class: "flow-strip", viewBox: `0 0 1000 ${HEIGHT}`, height: HEIGHT, width: "100%", preserveAspectRatio: "none", "aria-hidden": "true" },
    paths.map((d, step) => (d ? h("path", { class: `strip f${step}`, d }) : null)));
}

// What such a picture is typical of.
function pattern(flows: readonly Flow[], lossy: readonly Flow[], dead: readonly Flow[]): string {
  if (dead.length > 0 && dead.length < flows.length) return ": so looks a dead bucket of a hash, or a dead link behind it";
  return dead.length === 0 && lossy.length === flows.length ? ": so looks what all of them go through" : "";
}

export function flowStrips(flows: readonly Flow[], from: number, until: number): Children {
  if (flows.length === 0) return h("p", { class: "faint" }, "No 5-tuple of it was told in this time: they are while a path is found to lose packets.");
  const lossy = flows.filter((f) => f.lost > 0), dead = flows.filter((f) => f.lost === f.sent);
  return [
    h("p", null, `${lossy.length} of ${count(flows.length, "5-tuple")} lost packets, ${dead.length || "none"} lost all${pattern(flows, lossy, dead)}.`),
    h("ul", { class: "flow-rows" }, flows.slice(0, SHOWN_MAX).map((flow) => h("li", { key: flow.name },
      h("span", { class: "flow-name" }, h("span", { class: "mono" }, flow.name), h("span", { class: "faint" }, ` ${flow.target}`),
        flow.hops ? h("span", { class: "flow-hops mono faint" }, `by ${flow.hops.replace(/ /g, " → ")}`) : null),
      strip(flow, from, until),
      h("span", { class: `num c-loss s${lossStep((flow.lost / flow.sent) * 1e6)}`, title: `${flow.lost} of ${flow.sent}${side(flow)}` },
        percent((flow.lost / flow.sent) * 1e6))))),
    flows.length > SHOWN_MAX ? h("p", { class: "faint" }, `and ${flows.length - SHOWN_MAX} more, which lost less`) : null,
  ];
}
