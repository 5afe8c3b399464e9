// SPDX-License-Identifier: ISC
// From numbers and words of the daemon to the few tones of the page. Each tone has a shape and a word
// too: nobody has to tell colours apart.

export type Tone = "good" | "watch" | "bad" | "mute";

export interface Mark {
  tone: Tone;
  shape: string;
  word: string;
}

const VERDICTS: Record<string, Mark> = {
  good: { tone: "good", shape: "●", word: "good" },
  suspect: { tone: "watch", shape: "▲", word: "suspect" },
  confirmed: { tone: "bad", shape: "■", word: "losing" },
  silent: { tone: "mute", shape: "○", word: "silent" },
  unheard: { tone: "mute", shape: "○", word: "not heard yet" },
};

export function verdictMark(verdict: string): Mark {
  return VERDICTS[verdict] ?? { tone: "mute", shape: "○", word: verdict };
}

// Loss that was proven stands until the opposite is: meanwhile none need be measured.
export function pathMark(path: { verdict: string; loss_ppm: number; samples: number }): Mark {
  return path.verdict === "confirmed" && path.samples > 0 && path.loss_ppm === 0
    ? { tone: "watch", shape: "▲", word: "proving well" } : verdictMark(path.verdict);
}

const OUTAGES: Record<string, Mark> = {
  warned: { tone: "watch", shape: "▲", word: "warned" },
  open: { tone: "bad", shape: "■", word: "open" },
  partly_well: { tone: "bad", shape: "■", word: "partly well" },
  still_broken: { tone: "bad", shape: "■", word: "still broken" },
  mitigated: { tone: "watch", shape: "▲", word: "contained" },
  well: { tone: "good", shape: "●", word: "well again" },
  over: { tone: "mute", shape: "○", word: "over" },
};

export function outageMark(state: string): Mark {
  return OUTAGES[state] ?? { tone: "bad", shape: "■", word: state };
}

const INCIDENTS: Record<string, Tone> = {
  suspect: "watch", held: "watch", trial: "watch", closed: "mute", well: "good",
};

export function incidentTone(state: string): Tone {
  return INCIDENTS[state] ?? "bad";
}

// Steps of loss, 0 (none) to 5; a step is what changes what one would do.
const STEPS_PPM = [0, 1_000, 10_000, 50_000, 200_000];

export function lossStep(ppm: number): number {
  let step = 0;
  for (const least of STEPS_PPM) if (ppm > least) step++;
  return step;
}

// 0 when the last is the worst: outages in the order in which they want a person.
const STATES = ["still_broken", "open", "partly_well", "warned", "mitigated", "well", "over"];
const SEVERITIES = ["critical", "major", "minor"];

export function urgency(outage: { state: string; severity: string }): number {
  const place = (list: string[], word: string): number => (list.indexOf(word) + 1 || list.length + 1);
  return place(STATES, outage.state) * 10 + place(SEVERITIES, outage.severity);
}
