// SPDX-License-Identifier: ISC
// The ten seconds at 02:00: is anything wrong, since when, what did Fairlead do, what is left to do.
// A function of the picture alone.
import { count, duration, family, percent } from "./format";
import { urgency, type Tone } from "./scale";
import { linkTo } from "./router";
import type { Drain, Engine, Fact, Inbound, Outage, Override, PathRate } from "./types";

export interface Todo {
  text: string;
  link?: string;
}

export interface Story {
  tone: Tone;
  headline: string;
  ageNs: number | null; // since when; null: nothing is wrong, or nobody knows since when
  outage: Outage | null; // of which the headline tells
  why: string[];
  did: string[];
  left: Todo[];
}

// Numbers of samples and nats are evidence, and stand with the causes: a headline says what is so.
export function shortTitle(title: string): string {
  return title.replace(/; [\d.]+ nats$/, "").replace(/ \(\d+ of \d+\)/, "")
    .replace(/^(.+): ([\d.]+ % of packets)$/, "$2 lost $1");
}

// Only the likeliest; the others stand in the outage itself.
export function firstCause(cause: string): string {
  return cause.split("; or else ")[0] ?? cause;
}

// What Fairlead last did about it, without the numbers of its own bookkeeping.
export function plainAction(action: string): string {
  return action.replace(/(^|; )incident \d+: /g, "$1").replace(/(^|; )held: (?=\d)/, "$1it holds: ").replace(/(^|; )held: /, "$1")
    .replace(/(^|; )(suspect|confirmed): (harmless bursts do not explain the loss$)?/, (_all, before, _state, plain) => `${before}nothing yet${plain ? "" : ": "}`);
}

// Of a sentence of the log what happened; why and how sure stands in the incident.
export function brief(text: string): string {
  return text.replace(/^(outage .*?)(?: \([^()]*of all packets\))?; cause: .*$/, "$1").replace(/: the detector for .*$/, "")
    .replace(/; asked: wrong once in .*$/, "").replace(/; limits: .*$/, "").replace(/^page \d+ (to .*?)\. Cause: .*$/, "page $1").replace(/^page \d+ /, "page ").replace(/; [\d.]+ nats(?=$|;)/, "");
}

const OF_PREFIX = /^((?:announced to|withdrawn from) [^:]+: )\S+(.*)$/;
const SUBJECT = /^(the way that customers' packets go \(IPv[46]\)|\S+ IPv[46]) (.*)$/;

function together(names: readonly string[], words: string): string {
  const plural = words.replace(/^is /, "are ").replace(/^loses /, "lose ").replace(/^gives /, "give ");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]} ${plural}`;
}

// The same of several paths, said within a second, is one sentence with all their names; of several prefixes,
// one with their number.
export function alike(list: readonly Fact[]): Fact[] {
  const found: { fact: Fact; rest?: string; names: string[] }[] = [];
  for (const fact of list) {
    const [, to, through] = OF_PREFIX.exec(fact.text) ?? [];
    const [, subject, words] = to ? [] : SUBJECT.exec(fact.text) ?? [];
    const rest = to ? to + through : words;
    const name = subject?.replace(/^the way that customers' packets go \((.*)\)$/, "as routed $1") ?? "";
    const before = rest === undefined ? undefined
      : found.find((f) => f.rest === rest && Math.abs(Date.parse(f.fact.time) - Date.parse(fact.time)) < 1000);
    if (before && to) before.fact = { ...before.fact, more: before.fact.more + 1 + fact.more };
    else if (before) before.names.push(name);
    else found.push({ fact, rest, names: [name] });
  }
  return found.map(({ fact, rest, names }) => names.length < 2 || !rest ? fact : { ...fact, text: together(names, rest) });
}

// On which way packets get lost, where the far ends count what comes to them. "": that is not known.
export function direction(rate: PathRate | null | undefined): string {
  const told = rate ? rate.lost_forward + rate.lost_reverse : 0;
  if (!rate || told === 0) return "";
  const out = rate.lost_forward / told;
  return out >= 0.9 ? "on the way out" : out <= 0.1 ? "on the way back" : "both ways";
}

export interface Move {
  upstream: string;
  prefixes: string[];
  routers: string[];
  state: string;
}

// Announcements, of which each is one prefix at one router, as a person would tell them.
export function moves(overrides: readonly Override[]): Move[] {
  const byUpstream = new Map<string, Move>();
  for (const o of overrides) {
    const key = `${o.state}\n${o.upstream}`;
    let move = byUpstream.get(key);
    if (!move) byUpstream.set(key, (move = { upstream: o.upstream, prefixes: [], routers: [], state: o.state }));
    if (!move.prefixes.includes(o.prefix)) move.prefixes.push(o.prefix);
    if (!move.routers.includes(o.router)) move.routers.push(o.router);
  }
  return [...byUpstream.values()];
}

const STANCES: Record<string, string> = { graceful: "as the last choice", prepend: "with a longer path" };

// How own prefixes are offered where the world is to send less.
export function stanceWords(stance: string): string {
  return STANCES[stance] ?? `as ${stance}`;
}

// Of a path's name the upstream.
export function upstreamOf(path: string): string {
  return path.replace(/ ipv[46]$/, "");
}

export function inboundStands(inbound: Inbound): boolean {
  return inbound.state !== "none";
}

// What the world is asked now, both families of an upstream in one.
function askedOf(engine: Engine): string[] {
  const asked = new Map<string, number>();
  for (const i of (engine.inbound ?? []).filter(inboundStands)) {
    const key = `${upstreamOf(i.path)}\n${i.stance}`;
    asked.set(key, (asked.get(key) ?? 0) + i.prefixes);
  }
  return [...asked].map(([key, prefixes]) => {
    const [upstream = "", stance = ""] = key.split("\n");
    return `asks the world to leave ${upstream}: ${count(prefixes, "own prefix", "own prefixes")} offered there ${stanceWords(stance)}`;
  });
}

const OPEN_STATES = ["open", "partly_well", "still_broken", "warned"];

export function openOutages(engine: Engine): Outage[] {
  return (engine.outages ?? []).filter((o) => o.state !== "over").sort((a, b) => urgency(a) - urgency(b) ||
    b.share_ppm - a.share_ppm || b.outage - a.outage);
}

const DRAINS: Record<string, (object: string, who: string) => string> = {
  planned: (object, who) => `will drain ${object} for ${who}`,
  moving: (object, who) => `is draining ${object} for ${who}`,
  waiting: (object, who) => `is draining ${object} for ${who}: traffic is leaving`,
  safe: (object, who) => `drained ${object} for ${who}: safe to work`,
  safe_outside: (object, who) => `drained ${object} for ${who}: nothing goes by its upstreams; move gateways inside before you work`,
  unsure: (object, who) => `drained ${object} for ${who}: no counter says whether traffic left`,
  restoring: (object) => `is bringing ${object} back into use`,
};

// Whether it still holds traffic off: one that ends is in nobody's hands any more.
export function drainHolds(drain: Drain): boolean {
  return drain.state !== "restoring" && drain.state !== "over";
}

function didOf(engine: Engine): string[] {
  const did: string[] = [];
  for (const move of moves(engine.overrides ?? [])) {
    const what = count(move.prefixes.length, "prefix", "prefixes");
    if (move.state === "announced") did.push(`moved ${what} to ${move.upstream}`);
    else if (move.state === "ordered") did.push(`is moving ${what} to ${move.upstream}`);
    else if (move.state === "withdrawing") did.push(`is bringing ${what} back from ${move.upstream}`);
  }
  did.push(...askedOf(engine));
  for (const hook of engine.hooks ?? []) if (hook.in_force) did.push(`ran ${hook.hook} for ${hook.object}`);
  for (const drain of engine.drains ?? [])
    did.push(DRAINS[drain.state === "safe" && drain.inside_unknown ? "safe_outside" : drain.state]?.(drain.object, drain.who) ?? `drains ${drain.object} for ${drain.who}: ${drain.state}`);
  return did;
}

const ONLY_LOOKS: Record<string, string> = {
  observe: "nothing: in mode observe it only looks",
  advise: "nothing: in mode advise a person acts",
};

function leftOf(engine: Engine, outages: readonly Outage[]): Todo[] {
  const left: Todo[] = [];
  if (engine.frozen) left.push({ text: `Thaw when it is safe: all is frozen${engine.frozen_why ? `, ${engine.frozen_why}` : ""}` });
  for (const outage of outages) {
    const link = linkTo("incident", String(outage.outage));
    const known = engine.pages?.cases?.find((c) => c.outage === outage.outage);
    if (outage === outages[0]) for (const i of engine.incidents ?? [])
      if (i.approval) left.push({ text: `Approve the plan for ${i.path}, or do it otherwise`, link });
    if (outage === outages[0]) for (const i of engine.inbound ?? [])
      if (i.approval) left.push({ text: `Approve the plan for what comes in by ${i.path}, or do it otherwise`, link });
    if (known?.state === "open") left.push({ text: `Acknowledge outage ${outage.outage}`, link });
    const words = plainAction(outage.action), isSaid = words === "nothing yet" && left.some((todo) => todo.link === link);
    if (OPEN_STATES.includes(outage.state) && !isSaid)
      left.push({ text: `Outage ${outage.outage}: ${words === "nothing yet" ? "nothing is done about it yet" : words}`, link });
  }
  for (const lift of engine.lifts ?? [])
    if (lift.state === "waits") left.push({ text: `Approve or let go: ${lift.first} asks to lift ${lift.rule} of ${lift.object}` });
  for (const session of engine.sessions ?? [])
    if (!session.up) left.push({ text: `Bring back the BGP session with ${session.router}: there nothing can be moved` });
  for (const role of engine.roles ?? [])
    if (role.state !== "alive") left.push({ text: `The ${role.role} process is ${role.state}` });
  return left;
}

// What was done about the worst one; what was moved is not said of which outage, so it is said of that.
export function doneFor(engine: Engine, worst: Outage): string[] {
  const did = didOf(engine);
  // What the world is asked stands there already, in fewer words.
  const action = (engine.inbound ?? []).some(inboundStands) ? worst.action.replace(/(^|; )what comes in by .*$/, "") : worst.action;
  if (did.length > 0 && /(^|; )incident \d+: held: \d/.test(action)) did.push(plainAction(action));
  if (did.length === 0)
    did.push(worst.state === "well" ? "all is back on its usual way" : ONLY_LOOKS[engine.mode] ??
      ([...engine.incidents ?? [], ...engine.inbound ?? []].some((i) => i.approval) ? "nothing yet: its plan waits for a person" : "nothing yet"));
  return did;
}

function outageStory(engine: Engine, outages: readonly Outage[]): Story {
  const worst = outages[0]!;
  const others = outages.length > 1 ? `, and ${count(outages.length - 1, "other outage")}` : "";
  const open = outages.some((o) => OPEN_STATES.includes(o.state));
  const tone: Tone = worst.state === "well" ? "good" : open ? "bad" : "watch";
  const now = worst.state === "well" ? "Well again: " : worst.state === "mitigated" ? "Contained: " : "";
  const lost = worst.share_ppm > 0 ? `; ${percent(worst.share_ppm)} of all packets lost now` : "";
  const did = doneFor(engine, worst);
  const left = leftOf(engine, outages);
  const why = [firstCause(worst.cause)];
  if (left.length === 0)
    left.push({ text: worst.state === "well"
      ? "Nothing: it closes by itself when it stays well"
      : "Nothing urgent: traffic returns by trial once the old way has proven itself" });
  return { tone, headline: now + shortTitle(worst.title) + lost + others, ageNs: worst.age_ns, outage: worst, why, did, left };
}

function quietStory(engine: Engine): Story | null {
  const odd = (engine.paths ?? []).filter((p) => p.verdict !== "good");
  const open = (engine.incidents ?? []).filter((i) => i.state !== "closed");
  const did = didOf(engine);
  const left = leftOf(engine, []);
  const story = (tone: Tone, headline: string, ageNs: number | null = null, why: string[] = []): Story =>
    ({ tone, headline, ageNs, outage: null, why, did, left });
  if (engine.frozen) return story("watch", "Frozen: nothing moves until a person says so");
  if ((engine.sessions ?? []).some((s) => !s.up))
    return story("bad", "A router's BGP session is down: " +
      engine.sessions.filter((s) => !s.up).map((s) => s.router).join(", "));
  if ((engine.roles ?? []).some((r) => r.state !== "alive"))
    return story("watch", "A part of Fairlead is down: " +
      engine.roles.filter((r) => r.state !== "alive").map((r) => r.role).join(", "));
  const suspect = odd.filter((p) => p.verdict === "suspect" || p.verdict === "confirmed");
  if (suspect.length || open.length) {
    const first = open[0];
    const names = suspect.slice(0, 3).map((p) => (p.upstream ?? "as routed") + " " + family(p.family)).join(", ");
    return story("watch", suspect.length ? `Looking closer: ${names}${suspect.length > 3 ? " and more" : ""} may be losing packets`
      : `${first!.path}: ${first!.reason}`, first?.since_ns ?? null);
  }
  if (odd.length)
    return story("mute", odd.every((p) => p.verdict === "unheard") ? "Measuring has just begun"
      : `No answers on ${count(odd.length, "path")}: ${odd.slice(0, 3).map((p) => p.path).join(", ")}`);
  return null;
}

export function summarise(engine: Engine): Story {
  const outages = openOutages(engine);
  if (outages.length) return outageStory(engine, outages);
  const quiet = quietStory(engine);
  if (quiet) return quiet;
  const did = didOf(engine);
  const upstreams = new Set((engine.paths ?? []).map((p) => p.upstream).filter(Boolean)).size;
  return {
    tone: "good", ageNs: null, outage: null, why: [], did, left: leftOf(engine, []),
    headline: engine.ready ? `All is well: ${count(upstreams, "way")} out, none loses packets`
      : `Starting: ${engine.waiting || "not ready yet"}`,
  };
}

export function sinceWords(ageNs: number): string {
  return `for ${duration(ageNs)}`;
}
