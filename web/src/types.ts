// SPDX-License-Identifier: ISC
// What the daemon says, as of /api/v1/openapi.json; here only what is shown. An older or newer daemon may
// leave things out: what is read from the network is asked for with `?.` and `?? []`.

export interface Path {
  path: string;
  upstream: string | null;
  family: string;
  verdict: string;
  loss_ppm: number;
  samples: number;
  rtt_p50_ns: number;
  relative_millinats: number;
  servers: string | null;
  rate?: PathRate | null; // of the last ten seconds that were told
}

export interface PathRate {
  samples: number;
  lost: number;
  lost_forward: number;
  lost_reverse: number;
  rtt_p90_ns: number;
  rtt_p99_ns: number;
}

export interface PathIncident {
  incident: number | null;
  path: string;
  state: string;
  since_ns: number | null;
  reason: string;
  plan?: string;
  approval?: number; // of a plan that waits for a person; 0: none
}

export interface Cause {
  cause: string;
  words: string;
  share_ppm: number;
  millinats: number;
  [term: string]: string | number;
}

export interface Outage {
  outage: number;
  state: string;
  severity: string;
  age_ns: number;
  since_ns: number;
  share_ppm: number;
  title: string;
  cause: string;
  action: string;
  causes?: Cause[];
  incidents?: PathIncident[];
  faults?: number[];
}

export interface Fault {
  fault: number;
  state: string;
  symptom: string;
  target?: string | null;
  words: string;
  others: string;
  samples: number;
  lost: number;
  loss_ppm: number;
  odds_millinats: number;
  since_ns: number;
}

export interface Override {
  prefix: string;
  router: string;
  upstream: string;
  state: string;
}

export interface Notice {
  notice: string;
  words: string;
  severity: string;
  router: string | null;
  prefix: string | null;
  peer: string;
  text: string;
  count: number;
  since_ns: number;
}

export interface Drain {
  number: number;
  object: string;
  state: string;
  who: string;
  reason: string;
  text: string;
  since_ns: number;
  left_ns: number | null;
  inside_unknown: boolean; // of a router: "safe" is said of its upstreams alone
}

export interface Lift {
  number: number;
  rule: string;
  object: string;
  state: string; // waits, in_force
  first: string;
  second: string;
  reason: string;
  left_ns: number;
}

export interface Plan {
  incident: number;
  path: string;
  state: string;
  verdict: string;
  from: string;
  to: string | null;
  approval: number;
  prefixes: number;
  loss_from_ppm: number;
  loss_to_ppm: number;
  reason: string;
}

export interface Inbound { // what the world sends by a path that loses: own prefixes offered there otherwise, or to be
  path: string;
  incident: number;
  state: string; // none: nothing stands; acting: routers are told; held: all of them say it
  verdict: string;
  stage: string; // planned, heeded, not_known
  stance: string; // graceful, prepend
  prefixes: number;
  own: string; // some of them, as text
  approval: number; // of a plan that waits for a person; 0: none
  reason: string;
}

export interface Use {
  upstream: string;
  capacity_mbps: number | null;
  out_bps: number | null;
  in_bps: number | null;
}

export interface Pages {
  on_call: { team: string; primary: string | null; secondary: string | null }[];
  channels: { channel: string; state: string; reason: string; missed: number }[];
  cases: {
    outage: number;
    state: string;
    has_it: string;
    planned: boolean;
    paged: { person: string; delivered: boolean }[];
  }[];
}

export interface Hook {
  hook: string;
  object: string;
  state: string;
  in_force: boolean;
  reason: string;
}

export interface Place {
  kind: string; // site, upstream, target
  name: string;
  latitude_udeg: number | null; // millionths of a degree; null: not configured
  longitude_udeg: number | null;
}

export interface Engine {
  site: string;
  mode: string;
  frozen: boolean;
  frozen_why: string;
  ready: boolean;
  waiting: string;
  now_ns: number;
  paths: Path[];
  incidents: PathIncident[];
  sessions: { router: string; up: boolean; complete: string[] }[];
  roles: { role: string; state: string }[];
  overrides: Override[];
  override_count: number;
  notices: Notice[];
  notice_count: number;
  faults: Fault[];
  fault_count: number;
  use: Use[];
  hooks: Hook[];
  drains: Drain[];
  lifts?: Lift[];
  inbound?: Inbound[];
  outages: Outage[];
  pages: Pages;
  places?: Place[];
  left_out?: Record<string, number>; // of which list so many did not fit into the picture
}

export interface Fact {
  time: string;
  text: string;
  more: number;
}

export interface Picture {
  time: string;
  version: string;
  turn_longest_ms: number;
  engine?: Engine;
  facts?: Fact[];
}

export type Right = "read" | "ack" | "act" | "admin";

export interface Session {
  name: string;
  rights: Right[];
  asleep?: Right[]; // had, until the next login
  csrf: string;
  login: "none" | "password";
}
