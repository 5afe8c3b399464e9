// SPDX-License-Identifier: ISC
// What the world was asked to send otherwise, a row for each path.
import { h, type Children } from "../dom";
import { count } from "../format";
import { tag } from "../parts";
import { inboundStands, stanceWords, upstreamOf } from "../story";
import type { Engine } from "../types";

const STATES: Record<string, string> = { acting: "routers are told", held: "offered otherwise" };

export function inboundRows(engine: Engine): Children[] {
  return (engine.inbound ?? []).filter(inboundStands).map((i) => h("li", { key: `in ${i.path}` },
    tag("watch", STATES[i.state] ?? i.state),
    h("span", null, `${count(i.prefixes, "own prefix", "own prefixes")} to `, h("b", null, upstreamOf(i.path)), ` ${stanceWords(i.stance)}`),
    h("span", { class: "prefixes" }, i.own)));
}
