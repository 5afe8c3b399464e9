// SPDX-License-Identifier: ISC
// Pictures that no daemon would draw: every text a network or a person can fill is hostile; and very many paths.

const EVIL = "<img src=x onerror=hit=1><script>hit=1</script>\u0000\u001b[2J\u202egnp.exe\u2066javascript:hit=1 \"'`&amp;${hit=1}//evil.example " +
  "W".repeat(300);

const text = (what) => `${what} ${EVIL}`;

function path(i, name, family) {
  return { path: `${name} ${family}`, upstream: name, family, verdict: ["confirmed", "good", "suspect", EVIL][i % 4], loss_ppm: 120_000 * (i % 4),
    samples: 900, rtt_p50_ns: 1e7 + i, relative_millinats: 12, servers: EVIL };
}

export function picture(paths) {
  return {
    time: new Date().toISOString(), version: EVIL, turn_longest_ms: 1,
    engine: {
      site: text("site"), mode: EVIL, frozen: true, frozen_why: EVIL, ready: false, waiting: EVIL, now_ns: 9e15, paths,
      incidents: [{ incident: 1, path: text("path"), state: EVIL, since_ns: 1e9, reason: EVIL, plan: EVIL }],
      sessions: [{ router: text("router"), up: false, complete: [EVIL] }], roles: [{ role: EVIL, state: EVIL }],
      overrides: [{ prefix: EVIL, router: EVIL, upstream: EVIL, state: "announced" }], override_count: 1,
      notices: [{ notice: EVIL, words: EVIL, severity: EVIL, router: EVIL, prefix: EVIL, peer: EVIL, text: EVIL, count: 1, total: 1, since_ns: 1e9 }],
      notice_count: 1, faults: [{ fault: 1, state: EVIL, symptom: EVIL, words: EVIL, others: EVIL, samples: 1, lost: 1, loss_ppm: 1e6, odds_millinats: 1, since_ns: 1 }],
      fault_count: 1, use: [{ upstream: text("transit"), capacity_mbps: 1, out_bps: 1e9, in_bps: 1e9, out_p95_bps: 1, in_p95_bps: 1, age_ns: 1 }],
      hooks: [{ hook: EVIL, object: EVIL, state: EVIL, undo: false, in_force: true, number: 1, repair: EVIL, reason: EVIL }], lifts: [], own: [],
      inbound: [{ path: text("path"), incident: 1, state: EVIL, verdict: EVIL, stage: EVIL, stance: EVIL, prefixes: 1, own: EVIL, approval: 7, reason: EVIL }],
      drains: [{ number: 1, object: EVIL, state: EVIL, who: EVIL, uid: 0, reason: EVIL, text: EVIL, id: EVIL, since_ns: 1, left_ns: null }],
      places: [{ kind: EVIL, name: EVIL, latitude_udeg: 52e6, longitude_udeg: 13e6 }, { kind: "upstream", name: EVIL, latitude_udeg: null, longitude_udeg: null }],
      outages: [{ outage: 1, state: EVIL, severity: EVIL, age_ns: 9e9, since_ns: 1e9, share_ppm: 1000, title: EVIL, cause: EVIL, action: EVIL }],
      pages: { on_call: [{ team: EVIL, primary: EVIL, secondary: EVIL }], channels: [{ channel: EVIL, state: EVIL, reason: EVIL, missed: 2 }],
        cases: [{ outage: 1, state: EVIL, has_it: EVIL, planned: true, paged: [{ person: EVIL, delivered: false }] }] },
    },
    facts: [{ time: new Date().toISOString(), text: EVIL, more: 1 }, { time: EVIL, text: `page 1 to ${EVIL}`, more: 0 }, { time: new Date().toISOString(), text: `page 2 to ${EVIL}`, more: 0 }],
  };
}

const sight = { next_hop: EVIL, upstream: EVIL, origin_as: 1, foreign: true };
const LINES = {
  incidents: [{ outage: { outage: 1, causes: [{ cause: EVIL, words: EVIL, share_ppm: 5e5, millinats: EVIL, time_millinats: 3 }],
    incidents: [{ incident: 1, path: EVIL, state: EVIL, reason: EVIL, since_ns: 1 }], faults: [1] } }],
  plans: [{ plan: { incident: 1, path: EVIL, state: EVIL, verdict: EVIL, from: EVIL, to: EVIL, approval: 7, prefixes: 1, loss_from_ppm: 1, loss_to_ppm: 1, reason: EVIL } }],
  routes: [{ answer: "routes", of: EVIL, prefix: EVIL, own: true }, { path: { peer: EVIL, kind: EVIL, router: EVIL, upstream: EVIL, path_id: 1, next_hop: EVIL,
    as_path: EVIL, communities: [EVIL], best: true, our_echo: true, reason: EVIL } }, { seen: { peer: EVIL, state: EVIL } },
    { change: { time: EVIL, prefix: EVIL, peer: EVIL, before: null, after: sight } }],
  whatif: [{ summary: { family: EVIL, prefixes: 3, moved: 2, lost: 1, one_way: 1, gained: { [EVIL]: 2 } } },
    { traffic: { way: EVIL, drained: false, capacity_bps: 9, limit_bps: 8, use_bps: 1, ipv4: { least: 1, most: 1 }, gains: { least: 1, most: 1 }, after: { least: 2, most: 2 }, over: { least: 0, most: 0 }, fits: true } }],
  history: [{ run: 1, number: 1, onset: EVIL, changed: EVIL, state: EVIL, severity: EVIL, title: EVIL, cause: EVIL, action: EVIL },
    { effect: "flow", time: new Date().toISOString(), target: EVIL, source: EVIL, destination: EVIL, protocol: EVIL, source_port: 1, label: 2, sent: 3, lost: 1, span_ns: 1e9, hops: EVIL }],
};

// What /api/v1 answers; null: nothing is there.
export function hostileAnswers(url) {
  const place = url.pathname.replace("/api/v1/", "");
  if (place === "status") return picture([path(0, "transit-a", "ipv4"), path(1, text("transit"), "ipv4"), path(2, text("other"), EVIL)]);
  if (place === "session") return { name: EVIL, rights: [EVIL, "read"], csrf: EVIL, login: "password" };
  if (place.startsWith("history/")) return { lines: [{ time: new Date().toISOString(), path: EVIL, samples: 10, lost: 5, rtt_p50_ns: EVIL }] };
  return LINES[place] ? { lines: [...LINES[place], { done: true }] } : null;
}

// So many paths, of which one in ten loses otherwise in each picture.
export function livePaths(count) {
  const paths = Array.from({ length: count }, (_, i) => ({ ...path(0, `upstream-${String(i >> 1).padStart(4, "0")}`, i & 1 ? "ipv6" : "ipv4"),
    verdict: "good", loss_ppm: i % 97 === 0 ? i : 0, servers: null, rate: { samples: 900, lost: 0, lost_forward: 0, lost_reverse: 0, rtt_p90_ns: 2e7, rtt_p99_ns: 3e7 } }));
  let drawn = 0;
  return () => {
    drawn++;
    for (let i = drawn % 10; i < count; i += 10) paths[i].loss_ppm = (i * drawn * 7919) % 50_000;
    return picture(paths);
  };
}

export function manyPaths(count) {
  const draw = livePaths(count);
  return (url) => (url.pathname.endsWith("/status") ? draw() : null);
}
