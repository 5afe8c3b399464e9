// SPDX-License-Identifier: ISC
// What became of each 5-tuple of a path while it was found to lose packets: a router's hash puts each into one
// bucket, so that a dead bucket shows as the 5-tuples that lose all. Pure.

export interface FlowSlot {
  from: number; // ms since 1970
  until: number;
  sent: number;
  lost: number;
}

export interface Flow {
  name: string; // "udp 192.0.2.1:9000 → 198.51.100.3:862"
  target: string;
  sent: number;
  lost: number;
  out: number; // of those lost, on the way out and back, where the far end counts
  back: number;
  hops: string; // routers on its way as last traced; "": not known
  slots: FlowSlot[]; // oldest first
}

type Line = Record<string, unknown>;

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "?");

function end(address: unknown, port: unknown): string {
  const of = text(address);
  return number(port) === 0 ? of : of.includes(":") ? `[${of}]:${number(port)}` : `${of}:${number(port)}`;
}

function nameOf(line: Line): string {
  const isIcmp = line.protocol === "icmp";
  const label = number(line.label) ? `, label ${number(line.label).toString(16)}` : "";
  return `${line.protocol === "stamp" ? "udp" : text(line.protocol)} ${end(line.source, isIcmp ? 0 : line.source_port)} → ` +
    `${end(line.destination, isIcmp ? 0 : line.destination_port)}${isIcmp ? `, identifier ${number(line.source_port)}` : ""}${label}`;
}

const SAME_MS = 1000; // reports of one time of loss count from one moment on

// Each report counts from the begin of the loss on: what came since the one before is what is shown.
export function flowsOf(lines: readonly Line[]): Flow[] {
  const flows = new Map<string, Flow & { begin: number; told: FlowSlot }>();
  for (const line of lines) {
    const until = Date.parse(text(line.time)), begin = until - number(line.span_ns) / 1e6;
    if (line.effect !== "flow" || Number.isNaN(until)) continue;
    const name = nameOf(line), told = { from: begin, until, sent: number(line.sent), lost: number(line.lost) };
    const flow = flows.get(name) ?? { name, target: text(line.target), sent: 0, lost: 0, out: 0, back: 0, hops: "", slots: [], begin: NaN, told };
    const goesOn = Math.abs(begin - flow.begin) < SAME_MS && told.sent >= flow.told.sent;
    const slot = goesOn ? { from: flow.told.until, until, sent: told.sent - flow.told.sent, lost: Math.max(0, told.lost - flow.told.lost) } : told;
    if (slot.sent > 0) flow.slots.push(slot);
    flow.sent += slot.sent;
    flow.lost += slot.lost;
    flow.out = number(line.lost_forward);
    flow.back = number(line.lost_reverse);
    flow.hops = typeof line.hops === "string" ? line.hops : "";
    flow.begin = begin;
    flow.told = told;
    flows.set(name, flow);
  }
  return [...flows.values()].filter((flow) => flow.sent > 0).map(({ begin: _begin, told: _told, ...flow }) => flow)
    .sort((a, b) => b.lost / b.sent - a.lost / a.sent || (a.name < b.name ? -1 : 1));
}
