// SPDX-License-Identifier: ISC
// The frame around the views: tabs, clock, shortcuts; and which view is shown.
import { askLines, Link } from "./api";
import { h, render, type Node_ } from "./dom";
import { duration, times, visible, zoneName } from "./format";
import { Login } from "./login";
import { here, linkTo } from "./router";
import { Store, type State } from "./state";
import { summarise } from "./story";
import { applyTheme, currentTheme, nextTheme } from "./theme";
import type { Engine } from "./types";
import type { View } from "./view";
import { VIEWS, type Entry } from "./views/all";
import { pointOf, rateOf } from "./views/strips";

const STALE_MS = 4000; // without a new picture, what is shown may be wrong

const store = new Store();
const place = (id: string): HTMLElement => document.getElementById(id)!;
const login = new Login(store, place("login") as HTMLDialogElement);

const SEED_PATHS_MAX = 64; // of more, what was before the page was opened is asked for one by one
const SEED_MS = 15 * 60_000;
let seeded = false;

// Once: lines begin where the store's memory does, not where the page was opened.
async function seed(engine: Engine): Promise<void> {
  if (seeded || engine.paths.length > SEED_PATHS_MAX) return;
  seeded = true;
  const from = new Date(store.state.now.getTime() - SEED_MS).toISOString();
  await Promise.all(engine.paths.map(async ({ path }) => {
    const lines = await askLines(`history/${encodeURIComponent(path)}`, { from });
    store.state.series.seed(path, lines.flatMap((line) => rateOf(line) ?? []).map(pointOf));
  })).catch(() => undefined); // no store: the lines begin now
  store.changed();
}

let shown: { entry: Entry; view: View } | null = null;
let helpOpen = false;

function entryHere(): Entry {
  const { view } = here();
  return VIEWS.find((entry) => entry.name === view) ?? VIEWS[0]!;
}

function show(): void {
  const entry = entryHere();
  if (shown?.entry !== entry) {
    shown?.view.unmount?.();
    const main = place("view");
    render(main);
    main.dataset.view = entry.name;
    shown = { entry, view: entry.make() };
    shown.view.mount(main, here(), draw);
    scrollTo(0, 0);
  }
  draw();
}

// The state of the link comes before everything: an old picture must not pass for the present.
function linkWarning(state: State): Node_ | null {
  const silent = Date.now() - state.heardAt;
  if (!state.heardAt && state.session?.login === "password" && !state.session.name) return null; // the form says what is missing
  if (state.link === "lost")
    return h("p", { class: "stale" }, `Fairlead does not answer: ${state.why}. `, state.heardAt
      ? `What is shown is ${duration(silent * 1e6)} old.` : "Nothing is known yet.");
  if (state.heardAt && silent > STALE_MS)
    return h("p", { class: "stale" }, `No news from Fairlead for ${duration(silent * 1e6)}: what is shown may be wrong.`);
  const missing = Object.entries(state.engine?.left_out ?? {}).map(([list, number]) => `${number} ${list}`);
  if (missing.length) return h("p", { class: "stale" }, `More than one picture holds: ${missing.join(", ")} are not shown.`);
  return null;
}

function tabs(current: Entry): Node_ {
  return h("ul", null, VIEWS.map((entry) => h("li", null,
    h("a", { href: linkTo(entry.name), "aria-current": entry === current ? "page" : null }, entry.label))));
}

function head(state: State): void {
  const { engine } = state;
  const now = times(state.now, state.now);
  render(place("where"),
    engine ? [h("span", { class: "site" }, engine.site), h("span", { class: `mode mode-${engine.mode}`, title: "what Fairlead may do by itself" }, engine.mode),
      engine.ready ? null : h("span", { class: "mode", title: engine.waiting }, "not ready"),
      engine.frozen ? h("span", { class: "mode frozen" }, "frozen") : null] : null);
  render(place("clock"), engine ? h("time", { datetime: now.iso, title: `${zoneName(state.now)}; beside it UTC` },
    h("b", null, now.local), " ", h("span", { class: "utc" }, now.utc),
    state.link === "live" ? h("span", { class: "live", title: "live: news come by themselves" }, " ●", h("span", { class: "sr" }, "live")) : null) : null);
  render(place("who"), login.head());
}

function draw(): void {
  if (!shown) return;
  const { state } = store;
  render(place("tabs"), tabs(shown.entry));
  head(state);
  if (state.engine) void seed(state.engine);
  render(place("link"), linkWarning(state));
  shown.view.update(state, here());
  const tone = state.engine ? { good: "", watch: "▲ ", bad: "■ ", mute: "" }[summarise(state.engine).tone] : "";
  const title = `${tone}${shown.view.title}${state.engine ? " · " + state.engine.site : ""} · Fairlead`;
  if (document.title !== visible(title)) document.title = visible(title);
}

// ---- shortcuts

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable);
}

function helpRows(): [string, string][] {
  return [...VIEWS.map((entry): [string, string] => [`g ${entry.key}`, entry.label]),
    ["/", "to the filter of the view"], ["t", "light, dark, as the system"], ["?", "this help"], ["Esc", "closes it"]];
}

function drawHelp(): void {
  const dialog = place("help") as HTMLDialogElement;
  render(dialog, h("h2", { id: "help-title" }, "Keys"),
    h("dl", { class: "keys" }, helpRows().map(([keys, does]) =>
      [h("dt", null, keys.split(" ").map((k) => h("kbd", null, k))), h("dd", null, does)])),
    h("p", { class: "faint" }, "Times are in your zone, UTC beside. Loss is of the last ten seconds, colour and text say the same."),
    h("button", { class: "plain", on: { click: () => dialog.close() } }, "Close"));
  if (helpOpen && !dialog.open) dialog.showModal();
}

function openHelp(): void {
  helpOpen = true;
  drawHelp();
}

let afterG = false;

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const entry = afterG ? VIEWS.find((e) => e.key === event.key) : undefined;
  afterG = event.key === "g";
  if (entry) location.hash = linkTo(entry.name);
  else if (event.key === "?") openHelp();
  else if (event.key === "t") switchTheme();
  else if (event.key === "/") {
    const filter = document.querySelector<HTMLElement>("[data-filter]");
    if (!filter) return;
    event.preventDefault();
    filter.focus();
  }
}

function switchTheme(): void {
  nextTheme();
  drawThemeButton();
}

function drawThemeButton(): void {
  const button = place("theme");
  const words = { auto: "as the system", light: "light", dark: "dark" }[currentTheme()];
  render(button, { auto: "◐", light: "○", dark: "●" }[currentTheme()]);
  button.setAttribute("aria-label", `Colours: ${words}`);
  button.title = `Colours: ${words} (t)`;
}

applyTheme();
drawThemeButton();
place("skip").addEventListener("click", () => place("view").focus());
place("theme").addEventListener("click", switchTheme);
place("help-button").addEventListener("click", openHelp);
place("help").addEventListener("close", () => (helpOpen = false));
document.addEventListener("keydown", onKey);
addEventListener("hashchange", show);
store.onChange(draw);
setInterval(() => store.changed(), 1000); // ages go on while no picture comes
show();
login.start();
new Link(store, () => void login.learn()).start();
