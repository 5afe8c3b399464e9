// SPDX-License-Identifier: ISC
// What a person may have Fairlead do, made from its picture, each with what it will bring. Whether it is done
// at all is judged by the daemon.
import { lines, type Choice, type Deed } from "./acts";
import { h, type Children } from "./dom";
import { count, duration, family, percent } from "./format";
import { inboundStands, moves, stanceWords, upstreamOf } from "./story";
import type { Engine, Inbound, Lift, Outage, Plan } from "./types";
import { effectLines, whatifLines } from "./views/whatif";

const DRAIN_SPANS: Choice = { name: "for_s", label: "For how long", options: [["until somebody ends it", "0"], ["30 min", "1800"], ["2 h", "7200"],
  ["8 h", "28800"], ["24 h", "86400"]] };
const LIFT_SPANS: Choice = { name: "for_s", label: "For how long", options: [["30 min", "1800"], ["1 h", "3600"], ["2 h", "7200"], ["4 h", "14400"]] };

const RULES: [string, string][] = [
  ["S9: it may be one more of those that traffic is moved away from", "S9"],
  ["S10: it may be filled up to 95 % of a capacity that is known", "S10"],
  ["S8: all of it may leave within a minute", "S8"],
];

export function upstreamsOf(engine: Engine): string[] {
  return [...new Set(engine.paths.map((p) => p.upstream))].filter((name): name is string => name !== null);
}

function objectsOf(engine: Engine): [string, string][] {
  const of = (kind: string, names: string[]): [string, string][] => names.map((name) => [`${kind} ${name}`, `${kind} ${name}`]);
  return [...of("upstream", upstreamsOf(engine)), ...of("router", engine.sessions.map((s) => s.router))];
}

// What everything that is let go of comes back to.
function returning(engine: Engine): Children {
  const prefixes = moves(engine.overrides ?? []).reduce((sum, move) => sum + move.prefixes.length, 0);
  const losing = engine.paths.filter((p) => p.upstream !== null && p.verdict === "confirmed" && p.loss_ppm > 0);
  const ran = (engine.hooks ?? []).some((hook) => hook.in_force);
  const left = [...new Set((engine.inbound ?? []).filter(inboundStands).map((i) => upstreamOf(i.path)))];
  return [
    left.length > 0 ? h("li", null, `Own prefixes are offered as usual again to ${left.join(", ")}: the world may send by it again.`) : null,
    h("li", null, prefixes === 0 && left.length > 0 ? "Nothing that leaves is moved now." : prefixes === 0 ? "Nothing is moved now, so no traffic changes its way."
      : `${count(prefixes, "prefix goes", "prefixes go")} back at once to the way that the routers choose by themselves.`),
    prefixes + left.length > 0 && losing.length > 0 ? h("li", { class: "bad" }, h("span", { "aria-hidden": "true" }, "■ "),
      `What then goes by ${losing.map((p) => `${p.upstream} ${family(p.family)} (${percent(p.loss_ppm)})`).join(", ")} is lost again.`) : null,
    ran ? h("li", null, "Programs of hooks that ran are not undone.") : null,
  ];
}

export function acknowledge(engine: Engine, outage: Outage): Deed {
  const known = engine.pages?.cases?.find((c) => c.outage === outage.outage);
  return {
    verb: "ack", label: "Acknowledge", title: `Acknowledge outage ${outage.outage}`, right: "ack", what: { number: outage.outage },
    preview: async () => lines("You have this outage in hand, on record.", known?.paged.length
      ? `Nobody else is paged for it: so far ${known.paged.map((p) => p.person).join(", ")}.` : "Nobody is paged for it any more.",
      "Nothing changes in the network."),
  };
}

export function approvePlan(plan: Plan): Deed {
  return {
    verb: "approve", label: `Approve: ${plan.path} to ${plan.to ?? "elsewhere"}`, title: `Approve plan ${plan.approval}`, right: "act",
    what: { number: plan.approval },
    preview: async () => lines(`${count(plan.prefixes, "prefix", "prefixes")} of ${plan.path} will go by ${plan.to ?? "another way"}, not by ${plan.from}.`,
      `Lost there: at least ${percent(plan.loss_from_ppm)}; here: at most ${percent(plan.loss_to_ppm)}.`,
      "Packets must prove within seconds that it helps, or it is undone.", plan.reason),
  };
}

export function approveInbound(inbound: Inbound): Deed {
  const upstream = upstreamOf(inbound.path);
  return {
    verb: "approve", label: `Approve: the world leaves ${inbound.path}`, title: `Approve plan ${inbound.approval}`, right: "act",
    what: { number: inbound.approval },
    preview: async () => lines(`${count(inbound.prefixes, "prefix", "prefixes")} of our own (${inbound.own}) will be offered to ${upstream} ${stanceWords(inbound.stance)}; to the others as usual, and withheld from nobody.`,
      "Other networks see it, and send by another upstream if they heed it.",
      "It stays until the path has been good for 30 min at least; what harms is given back at once.", inbound.reason),
  };
}

export function drain(name: string): Deed {
  const object = `upstream ${name}`;
  return {
    verb: "drain", label: `Drain ${name}`, title: `Drain ${object}`, right: "act", what: { object }, choices: [DRAIN_SPANS], grave: true,
    preview: async () => effectLines(await whatifLines(object)),
  };
}

export function drainAny(engine: Engine): Deed {
  return {
    verb: "drain", label: "Drain …", title: "Take something out of use", right: "act", what: {}, grave: true,
    choices: [{ name: "object", label: "What", options: [...objectsOf(engine), ["the whole site", "site"]] }, DRAIN_SPANS],
    preview: async (chosen) => effectLines(await whatifLines(chosen.object ?? "")),
  };
}

export function undrain(object: string): Deed {
  return {
    verb: "undrain", label: `Undrain ${object.replace(/^(upstream|router) /, "")}`, title: `End the drain of ${object}`, right: "act", what: { object },
    preview: async () => lines(`What was moved off ${object} returns by trial: one prefix first, then the rest when it stays well.`),
  };
}

export function freeze(engine: Engine): Deed {
  return {
    verb: "freeze", label: "Freeze", title: "Freeze everything", right: "act", what: {}, grave: true,
    preview: async () => lines("Nothing is moved any more, for any reason, until a thaw.",
      engine.override_count ? `What is moved stays: ${count(engine.override_count, "announcement")}.` : "Nothing is moved now.",
      "It goes on measuring, telling and paging."),
  };
}

export function thaw(engine: Engine): Deed {
  return {
    verb: "thaw", label: "Thaw", title: "End the freeze", right: "act", what: {},
    preview: async () => lines(engine.mode === "act" ? "Fairlead may move traffic again, within its limits." : `Its mode, ${engine.mode}, holds again.`,
      engine.frozen_why ? `It was frozen by ${engine.frozen_why}` : ""),
  };
}

export function withdrawAll(engine: Engine): Deed {
  return {
    verb: "withdraw_all", label: "Withdraw all", title: "Withdraw everything that is moved", right: "act", what: {}, grave: true,
    preview: async () => h("ul", { class: "bullets" }, returning(engine),
      h("li", null, "Then all is frozen: nothing moves until a thaw."), h("li", null, "Own prefixes stay announced; it goes on measuring.")),
  };
}

export function stop(engine: Engine): Deed {
  return {
    verb: "stop", label: "Stop Fairlead", title: "Stop Fairlead at this site", right: "admin", what: {}, grave: true,
    preview: async () => h("ul", { class: "bullets" }, returning(engine),
      h("li", null, `Its BGP sessions close (${engine.sessions.map((s) => s.router).join(", ")}); own prefixes that it announces end too.`),
      h("li", null, "Nothing is measured and nobody is paged until somebody starts it again: systemctl start fairlead."),
      h("li", null, "This page ends with it.")),
  };
}

export function liftAny(engine: Engine): Deed {
  return {
    verb: "lift", label: "Lift a limit …", title: "Lift a limit for a while", right: "admin", what: {}, grave: true,
    choices: [{ name: "rule", label: "Which limit", options: RULES }, { name: "object", label: "Of what", options: objectsOf(engine) }, LIFT_SPANS],
    preview: async (chosen) => lines(`${chosen.rule} no longer holds for ${chosen.object}, once another person approves within 10 minutes.`,
      `It ends by itself after ${duration(Number(chosen.for_s) * 1e9)}; before that, one person may end it.`,
      "What is built in, and that the last good way is never left, nobody can lift."),
  };
}

export function approveLift(lift: Lift): Deed {
  return {
    verb: "approve", label: `Approve lift ${lift.number}`, title: `Be the second person for lift ${lift.number}`, right: "act", what: { number: lift.number }, grave: true,
    preview: async () => lines(`${lift.rule} is lifted for ${lift.object}, as ${lift.first} asked: ${lift.reason}`, "Both names stand on record.",
      `Only somebody else than ${lift.first} may say so.`),
  };
}

export function unlift(lift: Lift): Deed {
  return {
    verb: "unlift", label: `End lift ${lift.number}`, title: `End lift ${lift.number}`, right: "act", what: { number: lift.number },
    preview: async () => lines(`${lift.rule} holds for ${lift.object} again.`, "What was moved by it stays."),
  };
}
