// SPDX-License-Identifier: ISC
// What a person may do, each with a preview of what will happen, and a reason that goes on record. The page
// never acts by itself, and what it shows before is what the daemon says, not what the page thinks.
import { act, type Act } from "./api";
import { h, render, type Children, type Node_ } from "./dom";
import type { Right, Session } from "./types";

export interface Deed {
  verb: string;
  label: string;
  title: string;
  right: Right;
  what: Omit<Act, "reason">;
  choices?: readonly Choice[]; // of what `what` leaves open
  // Lines of what will happen; may ask the daemon. Thrown errors are shown, and the deed may still be done.
  preview: (chosen: Chosen) => Promise<Children>;
  grave?: boolean;
}

export interface Choice {
  name: "object" | "rule" | "for_s";
  label: string;
  options: readonly [words: string, value: string][];
}

export type Chosen = Partial<Record<Choice["name"], string>>;

export function lines(...texts: string[]): Children {
  return h("ul", { class: "bullets" }, texts.filter(Boolean).map((t) => h("li", null, t)));
}

// Why somebody may not do it; "": they may.
export function refusal(session: Session | null, right: Right): string {
  if (session?.rights?.includes(right)) return "";
  if (!session || session.login === "none")
    return "nobody logs in here (no users are configured), so this page only reads; fairlead ack, drain, freeze do it in a terminal";
  if (session.asleep?.includes(right)) return "log in again: 15 minutes went by without an act";
  return session.name ? `needs the right to ${right}, which ${session.name} has not` : "log in first";
}

// Why, for all that cannot be done, each reason once: a person should not have to hover to learn it.
export function refusals(deeds: readonly Deed[], session: Session | null): string {
  return [...new Set(deeds.map((deed) => refusal(session, deed.right)).filter(Boolean))].join("; ");
}

export function deedButton(deed: Deed, session: Session | null): Node_ {
  const why = refusal(session, deed.right);
  // aria-disabled and not disabled: the reason can be reached with the keyboard, and is read.
  return h("span", { class: "deed", key: deed.verb + JSON.stringify(deed.what) },
    h("button", {
      type: "button", class: deed.grave ? "deed-button grave" : "deed-button", "aria-disabled": why ? "true" : null,
      title: why || null, on: { click: () => { if (!why && session) openDeed(deed, session); } },
    }, deed.label, why ? h("span", { class: "sr" }, `: ${why}`) : null));
}

export function deedsRow(deeds: readonly Deed[], session: Session | null): Children {
  const why = refusals(deeds, session);
  return [h("div", { class: "deeds", role: "group", "aria-label": "What you may do" }, deeds.map((deed) => deedButton(deed, session))),
    why ? h("p", { class: "deeds-why" }, `Not by this page: ${why}.`) : null];
}

interface Dialog {
  deed: Deed;
  session: Session;
  requestId: string;
  preview: Children;
  asked: number; // previews, of which the last one counts
  answer: Children;
  busy: boolean;
  done: boolean;
}

let dialog: Dialog | null = null;

function element(): HTMLDialogElement {
  return document.getElementById("deed") as HTMLDialogElement;
}

function field(name: string): string {
  return (element().querySelector(`[name="${name}"]`) as HTMLInputElement | HTMLSelectElement | null)?.value ?? "";
}

function chosen(deed: Deed): Chosen {
  return Object.fromEntries((deed.choices ?? []).map(({ name, options }) => [name, field(name) || options[0]?.[1] || ""]));
}

async function commit(event: Event): Promise<void> {
  event.preventDefault();
  const d = dialog;
  const reason = field("reason").trim();
  if (!d || d.busy || d.done || !reason) return;
  const { for_s, ...objects } = chosen(d.deed);
  d.busy = true;
  draw();
  try {
    const answer = await act(d.session, d.deed.verb, { ...d.deed.what, ...objects, reason, ...(Number(for_s) > 0 ? { for_s: Number(for_s) } : {}) }, d.requestId);
    d.done = answer.accepted !== false;
    d.answer = h("p", { class: d.done ? "answer good" : "answer bad", role: "status" },
      `${d.done ? "Done" : "Refused"}: ${String(answer.text ?? "")}`);
  } catch (error) {
    // The same request id is sent again: what was done already is not done twice.
    d.answer = h("p", { class: "answer bad", role: "alert" }, `Not done: ${(error as Error).message}`);
  }
  d.busy = false;
  draw();
}

function draw(): void {
  const d = dialog;
  if (!d) return;
  render(element(), h("form", { on: { submit: (event) => void commit(event) } },
    h("h2", { id: "deed-title" }, d.deed.title),
    d.deed.choices?.map((choice) => h("label", null, h("span", null, choice.label),
      h("select", { name: choice.name, disabled: d.busy || d.done, on: { change: () => look(d) } },
        choice.options.map(([words, value]) => h("option", { value }, words))))),
    h("div", { class: "preview", "aria-live": "polite" }, h("h3", null, "What will happen"), d.preview),
    h("label", null, h("span", null, "Reason, for the record"),
      h("input", { name: "reason", required: true, maxlength: "95", autocomplete: "off", autofocus: true })),
    d.answer,
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "plain", on: { click: () => element().close() } }, d.done ? "Close" : "Cancel"),
      d.done ? null : h("button", { type: "submit", class: d.deed.grave ? "deed-button grave" : "deed-button", disabled: d.busy },
        d.busy ? "…" : d.deed.label.replace(/ …$/, "")))));
}

// Asks what it will bring, as it is chosen now.
function look(d: Dialog): void {
  const number = ++d.asked;
  d.preview = h("p", { class: "faint" }, "Asking the daemon …");
  draw();
  d.deed.preview(chosen(d.deed))
    .catch((error: Error) => h("p", { class: "bad" }, `No preview: ${error.message}`))
    .then((preview) => {
      if (dialog !== d || number !== d.asked) return;
      d.preview = preview;
      draw();
    });
}

function openDeed(deed: Deed, session: Session): void {
  dialog = { deed, session, requestId: crypto.randomUUID(), preview: null, asked: 0, answer: null, busy: false, done: false };
  render(element());
  draw();
  look(dialog);
  element().showModal();
}
