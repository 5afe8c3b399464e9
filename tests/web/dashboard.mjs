// SPDX-License-Identifier: ISC
// The dashboard in a browser: dashboard.mjs URL DIRECTORY, with the users' PASSWORD and the prefix of the LAB's network
// namespaces in the environment. The daemon behind URL has an outage open, whose plans wait for approval: that is
// given. Then every view is visited light and dark, wide and narrow, photographed into DIRECTORY, and read by axe;
// hostile texts, ten thousand paths, keys; and all that a person may do is done, last of all the daemon is stopped.
// Ends with "N passed, M failed".
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { hostileAnswers, manyPaths } from "./pictures.mjs";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const [base, directory] = process.argv.slice(2);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const PATIENCE_MS = 60_000; // for a condition on a busy machine; nothing is judged by it

let passed = 0, failed = 0;
function check(good, what) {
  good ? passed++ : failed++;
  if (!good) console.log("FAIL", what);
}

// Each view with what shows that it has its data.
const VIEWS = [
  ["now", "now", ".story .headline a"],
  ["map", "map", ".map .way.near, .map .land"],
  ["incidents", "incident", ".rows li:has(.number)"],
  ["incident", "incident/1", ".causes tbody tr"],
  ["paths", "paths/transit-a%20ipv4", ".strips"],
  ["routes", "routes?prefix=198.18.1.0%2F24&drain=upstream+transit-a", ".flow"],
  ["people", "people", ".panel"],
];
const SHAPES = [["1280-light", 1280, 800, "light"], ["1280-dark", 1280, 800, "dark"], ["360-light", 360, 740, "light"], ["360-dark", 360, 740, "dark"]];

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });

const NOBODY = { cookies: [], origins: [] };
let session; // the cookies of one who is logged in: pages are theirs if not said otherwise

// A page that counts what it should not do: errors, refusals by the policy, requests elsewhere.
async function open(width, height, scheme, answers = null, storageState = session) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, timezoneId: "Europe/Berlin", locale: "en-GB", storageState });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    // What the daemon does not answer yet, or refuses, is said on the page.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) wrong.push(message.text());
  });
  page.on("request", (request) => { if (!request.url().startsWith(base)) wrong.push(`request to ${request.url()}`); });
  if (answers) await page.route("**/api/v1/**", (route) => {
    const answer = answers(new URL(route.request().url()));
    return answer === null ? route.fulfill({ status: 404, json: { error: "nothing is here" } }) : route.fulfill({ json: answer });
  });
  return { page, wrong, close: () => context.close() };
}

// Playwright's own waiting evaluates text within the page, which the page's policy forbids.
async function until(page, holds, argument) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await page.evaluate(holds, argument))) {
    if (Date.now() > deadline) throw new Error(`never: ${holds}`);
    await page.waitForTimeout(50);
  }
}

async function axe(page, name, runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]) {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(AXE);
  const found = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }), runOnly);
  for (const v of found.violations)
    console.log(`axe on ${name}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target}: ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ""}`).join("; ")}`);
  check(found.violations.length === 0, `axe has nothing to say of ${name}`);
}

async function everyView([shape, width, height, scheme]) {
  const { page, wrong, close } = await open(width, height, scheme);
  await page.goto(base);
  for (const [name, place, ready] of VIEWS) {
    await page.evaluate((hash) => { location.hash = hash; }, `#/${place}`);
    await page.waitForSelector(`#view ${ready.split(", ").join(", #view ")}`);
    if (name === "incident") await page.waitForSelector("#view .axis .dot");
    await page.screenshot({ path: `${directory}/${name}-${shape}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
    const tower = await page.evaluate(() => Math.max(0, ...[...document.querySelectorAll("th, td")].map((cell) => cell.offsetHeight)));
    check(tower < 200, `${name} at ${shape} has no cell as high as ${tower}: a letter a line is not read`);
    check(wide <= width, `${name} at ${shape} is not wider than the screen: ${wide}`);
    // Colours are all that differs in the dark.
    if (shape !== "360-dark") await axe(page, `${name} at ${shape}`, scheme === "dark" ? { type: "rule", values: ["color-contrast"] } : undefined);
  }
  check(wrong.length === 0, `${shape}: ${wrong.join("; ")}`);
  await close();
}

async function enters(page, name) {
  await page.waitForSelector("#login[open]");
  if (!await page.$("#login [name=name][readonly]")) await page.fill("#login [name=name]", name);
  await page.fill("#login [name=password]", process.env.PASSWORD);
  await page.press("#login [name=password]", "Enter");
  await page.waitForSelector("#login:not([open])", { state: "attached" }).catch(async () => {
    throw new Error(`no login: ${await page.textContent("#login")} ${await page.textContent("#link")}`);
  });
  await page.waitForSelector(".story .headline");
}

async function logsIn() {
  const { page, wrong, close } = await open(1280, 800, "light");
  await page.goto(base);
  await page.waitForSelector("#login[open]");
  await axe(page, "the login");
  await page.screenshot({ path: `${directory}/login-1280-light.png` });
  check((await page.textContent("#view")).includes("Waiting"), "without a login nothing is shown");
  await page.fill("#login [name=name]", "anna");
  await page.fill("#login [name=password]", "a wrong password");
  await page.press("#login [name=password]", "Enter");
  await page.waitForSelector("#login .answer.bad");
  await enters(page, "anna");
  check(!/password/i.test(await page.evaluate(() => document.cookie + JSON.stringify(localStorage))), "no script can read what was typed, or the session");
  session = await page.context().storageState();
  check(wrong.length === 0, `login: ${wrong.join("; ")}`);
  await close();
}

// ---- what a person may do: what will happen is said before, a reason is wanted, and it is done

async function engineOf(page) {
  return page.evaluate(async () => (await (await fetch("/api/v1/status")).json()).engine);
}

async function becomes(page, what, holds) {
  const deadline = Date.now() + PATIENCE_MS;
  for (let engine; !holds((engine = await engineOf(page))); await page.waitForTimeout(100))
    if (Date.now() > deadline) throw new Error(`never: ${what}: ${JSON.stringify({ ...engine, paths: 0, places: 0 }).slice(0, 1500)}`);
  check(true, what);
}

// Presses it, chooses, reads what is said before, gives a reason; gives the answer.
async function does(page, button, { says, choose = {}, picture = null, read = false }) {
  await page.click(`.deed >> text=/^${button}/`);
  for (const [name, value] of Object.entries(choose)) await page.selectOption(`#deed [name=${name}]`, value);
  await until(page, (words) => document.querySelector("#deed .preview").textContent.includes(words), says);
  if (picture) {
    await page.screenshot({ path: `${directory}/${picture}-1280-light.png` });
    if (read) await axe(page, `the dialog of ${button}`);
  }
  await page.fill("#deed [name=reason]", `a test of ${button}`);
  await page.press("#deed [name=reason]", "Enter");
  await page.waitForSelector("#deed .answer");
  const answer = { good: await page.$("#deed .answer.good") !== null, text: await page.textContent("#deed .answer") };
  await page.click("#deed >> text=/^(Close|Cancel)$/");
  return answer;
}

async function doesIt(page, button, how) {
  const { good, text } = await does(page, button, how);
  check(good, `${button} is done: ${text}`);
}

async function approves() {
  const { page, wrong, close } = await open(1280, 800, "light");
  await page.goto(base);
  await page.waitForSelector(".story.bad");
  check(/Approve/.test(await page.textContent(".story")), "Now says that plans wait for a person");
  await page.click(".story .headline a");
  await page.waitForSelector(".deed >> text=/^Approve: /");
  await page.screenshot({ path: `${directory}/waits-1280-light.png`, fullPage: true });
  for (const family of ["ipv4", "ipv6"]) await doesIt(page, `Approve: transit-a ${family}`, { says: "will go by transit-b" });
  await becomes(page, "what was approved is moved, and holds", (e) => e.override_count === 16 && e.outages[0]?.state === "mitigated");
  await page.waitForSelector(".deed >> text=/^Approve: the world leaves transit-a ipv6/"); // 20 s after the loss was confirmed
  check(/What comes in by transit-a ipv4: what the world sends by it is lost, too/.test(await page.textContent("#view")), "the incident says why");
  await page.evaluate(() => { location.hash = "#/now"; });
  await until(page, () => /Approve the plan for what comes in by transit-a ipv6/.test(document.querySelector(".story").textContent));
  await page.evaluate(() => { location.hash = "#/incident/1"; });
  for (const family of ["ipv4", "ipv6"])
    await doesIt(page, `Approve: the world leaves transit-a ${family}`, { says: "as the last choice; to the others as usual", picture: `leave-${family}`, read: family === "ipv4" });
  await becomes(page, "own prefixes are offered otherwise", (e) => e.inbound.filter((i) => i.path.startsWith("transit-a") && i.state === "held").length === 2);
  await until(page, () => [...document.querySelectorAll(".rows li")].filter((row) => /1 own prefix to transit-a as the last choice/.test(row.textContent)).length === 2);
  await page.screenshot({ path: `${directory}/left-1280-light.png`, fullPage: true });
  check(await page.$(".deed >> text=/^Approve: /") === null, "nothing waits any more");
  check(wrong.length === 0, `approves: ${wrong.join("; ")}`);
  await close();
}

async function ofAnOutage() {
  const { page, wrong, close } = await open(1280, 800, "light");
  await page.goto(`${base}#/incident/1`);
  await doesIt(page, "Drain transit-a", { says: "would", choose: { for_s: "7200" }, picture: "drain", read: true });
  await becomes(page, "a drain stands", (e) => e.drains.some((d) => d.object === "upstream transit-a" && d.who === "anna" && d.left_ns < 7200e9));
  await page.waitForSelector(".deed >> text=Undrain transit-a");
  await page.evaluate(() => { location.hash = "#/now"; });
  await page.waitForSelector(".held li");
  await page.screenshot({ path: `${directory}/held-1280-light.png`, fullPage: true });
  await axe(page, "what people hold");
  await doesIt(page, "Undrain transit-a", { says: "returns by trial" });
  await becomes(page, "the drain is over", (e) => e.drains.every((d) => d.state === "restoring"));
  await page.evaluate(() => { location.hash = "#/incident/1"; });
  await page.click(".deed >> text=Acknowledge");
  await page.waitForSelector("#deed .preview .bullets");
  await page.press("#deed [name=reason]", "Enter");
  check(await page.$("#deed .answer") === null, "without a reason nothing is done");
  await page.click("#deed >> text=Cancel");
  await doesIt(page, "Acknowledge", { says: "You have this outage in hand", picture: "ack" });
  await page.evaluate(() => { location.hash = "#/people"; });
  await until(page, () => document.querySelector("#view").textContent.includes("in the hands of anna"));
  check(wrong.length === 0, `of an outage: ${wrong.join("; ")}`);
  await close();
}

async function ofTheSite() {
  const { page, wrong, close } = await open(1280, 800, "light");
  const other = await open(360, 740, "dark", null, NOBODY), reader = await open(1280, 800, "light", null, NOBODY);
  await page.goto(base);
  await doesIt(page, "Freeze", { says: "Nothing is moved any more" });
  await becomes(page, "all is frozen", (e) => e.frozen && e.frozen_why.includes("a test of Freeze"));
  await until(page, () => document.querySelector("#where").textContent.includes("frozen"));
  await doesIt(page, "Thaw", { says: "It was frozen by anna" });
  await becomes(page, "it is thawed", (e) => !e.frozen);

  await doesIt(page, "Lift a limit", { says: "S10 no longer holds for upstream transit-b", picture: "lift", read: true,
    choose: { rule: "S10", object: "upstream transit-b", for_s: "3600" } });
  await becomes(page, "a lift waits", (e) => e.lifts[0]?.state === "waits" && e.lifts[0].rule === "S10" && e.lifts[0].first === "anna");
  const own = await does(page, "Approve lift", { says: "as anna asked" });
  check(!own.good && own.text.includes("another person"), `nobody is the second person too: ${own.text}`);
  await other.page.goto(base);
  await enters(other.page, "ben");
  await doesIt(other.page, "Approve lift", { says: "as anna asked" });
  await becomes(page, "two persons lifted it", (e) => e.lifts[0]?.state === "in_force" && e.lifts[0].second === "ben");
  check(/needs the right to admin/.test(await other.page.textContent("#view")), "who may not is told why");
  await other.page.screenshot({ path: `${directory}/lifted-360-dark.png`, fullPage: true });
  await doesIt(page, "End lift", { says: "S10 holds for upstream transit-b again" });
  await becomes(page, "the lift is over", (e) => e.lifts.length === 0);

  await reader.page.goto(base);
  await enters(reader.page, "carl");
  const dead = await reader.page.evaluate(() => [...document.querySelectorAll(".deed-button")].every((b) => b.getAttribute("aria-disabled") === "true"));
  check(dead && /needs the right to act, which carl has not/.test(await reader.page.textContent("#view")), "who only reads presses nothing, and is told why");
  const [refused] = await reader.page.evaluate(async () => { // and the daemon would not do it either
    const { csrf } = await (await fetch("/api/v1/session")).json();
    const answer = await fetch("/api/v1/acts/freeze", { method: "POST", headers: { "X-Fairlead-Csrf": csrf, "Content-Type": "application/json" }, body: "{}" });
    return [answer.status];
  });
  check(refused === 403, `the daemon refuses it too: ${refused}`);
  for (const seen of [{ wrong }, other, reader]) check(seen.wrong.length === 0, `of the site: ${seen.wrong.join("; ")}`);
  for (const closes of [close, other.close, reader.close]) await closes();
}

// What devices send reaches the page through the daemon, and stays text.
async function hostileDevices() {
  for (const family of [["198.51.100.5"], ["2001:db8:0:1::5"]])
    execFileSync("ip", ["netns", "exec", `${process.env.LAB}-cust`, "python3", new URL("misbehave.py", import.meta.url).pathname, "box", ...family]);
  const { page, wrong, close } = await open(1280, 800, "light");
  await page.goto(base);
  for (const words of ["shutdown <img", "Down <img", "by <img/src=x"]) await until(page, (w) => document.querySelector("#view").textContent.includes(w), words);
  await harmless(page, "from devices, Now");
  await page.screenshot({ path: `${directory}/hostile-devices-1280-light.png`, fullPage: true });
  await page.evaluate(() => { location.hash = "#/incident/1"; });
  await page.click("text=/^all \\d+ events/");
  await until(page, () => document.querySelector(".laned").textContent.includes("<img"));
  await harmless(page, "from devices, the incident");
  check(wrong.length === 0, `hostile devices: ${wrong.join("; ")}`);
  await close();
}

function webProcess() {
  const guard = execFileSync("ip", ["netns", "exec", `${process.env.LAB}-guard`, "readlink", "/proc/self/ns/net"], { encoding: "utf8" }).trim();
  return Number(readdirSync("/proc").find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8") === "fairlead-web\n" && readlinkSync(`/proc/${pid}/ns/net`) === guard;
    } catch {
      return false; // it ended meanwhile
    }
  }));
}

// The process that serves the page dies: the page says so, asks who one is, and is live again.
async function webDies() {
  const { page, close } = await open(1280, 800, "light");
  await page.goto(base);
  await page.waitForSelector("#clock .live");
  process.kill(webProcess(), "SIGKILL");
  await enters(page, "anna");
  await page.waitForSelector("#clock .live");
  const before = await page.textContent("#clock b");
  await until(page, (then) => document.querySelector("#clock b").textContent !== then, before);
  check(await page.$("#link .stale") === null, "and is live again, as if nothing had been");
  session = await page.context().storageState();
  await close();
}

async function endsAll() {
  const { page, close } = await open(1280, 800, "light");
  await page.goto(base);
  await doesIt(page, "Withdraw all", { says: "offered as usual again to transit-a", picture: "withdraw" });
  await becomes(page, "nothing is moved, and all is frozen", (e) => e.override_count === 0 && e.frozen && e.inbound.every((i) => i.state === "none"));
  await doesIt(page, "Stop Fairlead", { says: "This page ends with it", picture: "stop" });
  await until(page, () => document.querySelector("#link").textContent.includes("does not answer"));
  await close();
}

async function storyIsRight() {
  const { page, close } = await open(1280, 800, "light");
  const answer = await page.goto(base);
  check(/script-src 'self'/.test(answer.headers()["content-security-policy"] ?? ""), "the page has its policy");
  await page.waitForSelector(".story .headline");
  const text = await page.textContent("#view");
  for (const words of ["transit-a", "moved 8 prefixes to transit-b", "asks the world to leave transit-a: 2 own prefixes offered there as the last choice", "BGP with edge1", "UTC"]) check(text.includes(words), `Now says '${words}'`);
  check((await page.textContent(".matrix")).includes("losing"), "the matrix says which way loses");
  await page.evaluate(() => { location.hash = "#/routes?prefix=198.18.1.0%2F24"; });
  await until(page, () => /History.*announced to edge/s.test(document.querySelector("#view").textContent));
  await page.evaluate(() => { location.hash = "#/paths/transit-a%20ipv4"; });
  await until(page, () => document.querySelectorAll(".flow-rows .flow-strip path").length > 3);
  check(/lost packets, .* lost all/.test(await page.textContent("#view")), "each 5-tuple of a path has its strip");
  await page.fill(".time-choice input", "2020-01-01T00:00");
  await until(page, () => document.querySelector("#view").textContent.includes("Nothing is kept of this time"));
  check((await page.evaluate(() => location.hash)).includes("until=2019-12-31T23"), "a time has a link, in UTC");
  await page.click(".time-choice >> text=Now");
  await page.waitForSelector("#view .strips");
  await page.evaluate(() => { location.hash = "#/incident/1.1"; }); // as the store has it
  await page.waitForSelector("#view .axis .dot");
  check((await page.textContent(".laned")).includes("announced to edge"), "what was told stands in the store");
  await until(page, () => document.querySelector("#view .axis .loss-line")?.getAttribute("d"));
  await page.click("text=Markdown, to go on from");
  check((await page.textContent(".draft")).includes("# Incident 1.1"), "a post-mortem is drafted");
  await page.screenshot({ path: `${directory}/past-1280-light.png`, fullPage: true });
  await page.click("text=Play it on the map");
  await until(page, () => document.querySelector(".map-sentence")?.textContent.includes("then"));
  const slider = ".time-strip input";
  const at = Number(await page.inputValue(slider));
  await until(page, ([place, before]) => Number(document.querySelector(place).value) > before, [slider, at]);
  await page.locator(slider).evaluate((e) => { e.value = Number(e.min) + 72_000; e.dispatchEvent(new Event("input", { bubbles: true })); });
  await until(page, () => /then.*transit-a loses/s.test(document.querySelector(".map-sentence").textContent));
  check((await page.title()).startsWith("▲") || (await page.title()).startsWith("■"), "the tab of the browser says it too");
  await close();
}

async function keys() {
  const { page, wrong, close } = await open(1280, 800, "light");
  await page.goto(`${base}#/now`);
  await page.waitForSelector(".story");
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.id) === "skip", "the first stop leads to the content");
  await page.keyboard.press("Enter");
  check(await page.evaluate(() => document.activeElement.id) === "view", "and it leads there");
  await page.keyboard.press("?");
  await page.waitForSelector("#help[open]");
  await page.screenshot({ path: `${directory}/help-1280-light.png` });
  await axe(page, "the help");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#help:not([open])", { state: "attached" });
  for (const [key, place] of [["p", "#/paths"], ["r", "#/routes"], ["o", "#/people"], ["i", "#/incident"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await until(page, (wanted) => location.hash.startsWith(wanted), place);
  }
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForSelector("#filter");
  await page.keyboard.press("/");
  await page.keyboard.type("transit-b ipv6");
  await until(page, () => document.querySelectorAll(".vwhole .vrow").length === 1);
  check((await page.textContent(".vwhole")).includes("transit-b"), "the filter finds it");
  await page.keyboard.press("Escape");
  const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click("#theme");
  await page.click("#theme");
  check(await page.evaluate(() => getComputedStyle(document.body).backgroundColor) !== before, "the switch makes it dark");
  check(wrong.length === 0, `keys: ${wrong.join("; ")}`);
  await close();
}

// Now, then, and in between; by keys.
async function mapPlays() {
  const { page, wrong, close } = await open(1280, 800, "light");
  await page.goto(`${base}#/map`);
  await page.waitForSelector(".map .way.near.lossy");
  check(await page.locator(".map .way.near").count() === 2, "both ways out are drawn");
  const names = await page.textContent(".map .spots");
  for (const name of ["lab", "transit-a", "transit-b", "far-1", "far-2", "far-3"]) check(names.includes(name), `the map says ${name}`);
  const text = await page.textContent("#view");
  check(/transit-a loses \d/.test(text), "a sentence says what is lost");
  check(/Not on the map.*far-4/s.test(text), "what has no location is listed");
  await page.selectOption(".span-choice select", "hour");
  await until(page, () => document.querySelector(".map-sentence").textContent.includes("then"));
  await until(page, () => [...document.querySelectorAll(".map-strip .worst")].slice(2).some((p) => p.getAttribute("d")));
  const slider = ".time-strip input";
  const at = Number(await page.inputValue(slider));
  await until(page, ([place, before]) => Number(document.querySelector(place).value) > before, [slider, at]);
  await page.click("text=Pause");
  await page.locator(slider).evaluate((e) => { e.value = e.max; e.dispatchEvent(new Event("input", { bubbles: true })); });
  await until(page, () => /transit-a loses/.test(document.querySelector(".map-sentence").textContent));
  await until(page, () => [...document.querySelectorAll(".strand")].some((s) => s.textContent.includes("losing")));
  await page.screenshot({ path: `${directory}/map-then-1280-light.png`, fullPage: true });
  await page.click("text=Back to now");
  await until(page, () => document.querySelector(".map-sentence").textContent.includes("now"));
  await page.focus(".map");
  const look = () => page.getAttribute(".map .world", "transform");
  const before = await look();
  for (const key of ["+", "ArrowLeft", "ArrowUp"]) await page.keyboard.press(key);
  await until(page, (old) => document.querySelector(".map .world").getAttribute("transform") !== old, before);
  await page.keyboard.press("0");
  await until(page, (old) => document.querySelector(".map .world").getAttribute("transform") === old, before);
  check(wrong.length === 0, `map: ${wrong.join("; ")}`);
  await close();
}

async function hostileTexts() {
  const { page, wrong, close } = await open(1280, 800, "light", hostileAnswers);
  await page.goto(base);
  for (const [name, place] of VIEWS) {
    await page.evaluate((hash) => { location.hash = hash; }, `#/${place}`);
    await until(page, () => document.querySelector("#view").textContent.includes("<img"));
    await harmless(page, name);
    if (name === "now" || name === "incident") await page.screenshot({ path: `${directory}/hostile-${name}.png`, fullPage: true });
  }
  check(wrong.length === 0, `hostile: ${wrong.join("; ")}`);
  await close();
}

async function harmless(page, name) {
  const seen = await page.evaluate(() => ({
    made: document.querySelectorAll("img, iframe, object, embed, script:not([src='/app.js']), [onerror], [onclick], base, meta[http-equiv]").length,
    ran: "hit" in globalThis, far: [...document.querySelectorAll("[href], [src]")].filter((e) => !/^(#|\/(?!\/))/.test(e.getAttribute("href") ?? e.getAttribute("src"))).length,
    // eslint-disable-next-line no-control-regex
    raw: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent),
  }));
  check(seen.made === 0 && !seen.ran, `${name}: no text becomes markup: ${JSON.stringify(seen)}`);
  check(seen.far === 0, `${name}: no text becomes a link elsewhere`);
  check(!seen.raw, `${name}: control bytes are shown, not obeyed`);
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  check(wide <= 1280, `${name}: a long text breaks no layout: ${wide}`);
}

async function tenThousandPaths() {
  const answers = manyPaths(10_000);
  const { page, wrong, close } = await open(1280, 800, "light", answers);
  await page.goto(`${base}#/paths`);
  await page.waitForSelector(".vwhole .vrow");
  const rows = () => page.evaluate(() => document.querySelectorAll(".vwhole .vrow").length);
  check(await rows() < 60, `only what is seen is drawn: ${await rows()} rows`);
  check((await page.getAttribute(".vtable", "aria-rowcount")) === "10001", "and how many there are is said");
  await page.evaluate(() => { document.querySelector("#paths-scroll").scrollTop = 170_000; });
  await until(page, () => [...document.querySelectorAll(".vwhole .vrow")].some((r) => Number(r.getAttribute("aria-rowindex")) > 5000));
  check(await rows() < 60, "nor in the middle");
  const longest = await page.evaluate(async () => {
    const list = document.querySelector("#paths-scroll");
    let worst = 0, last = performance.now();
    for (let i = 0; i < 60; i++) {
      list.scrollTop = i * 3000;
      await new Promise(requestAnimationFrame);
      worst = Math.max(worst, performance.now() - last);
      last = performance.now();
    }
    return worst;
  });
  console.log(`10,000 paths: the longest of 60 frames while scrolling took ${longest.toFixed(0)} ms`);
  await page.fill("#filter", "upstream-0042");
  await until(page, () => document.querySelector(".panel-head .aside").textContent.startsWith("2 of 10000"));
  check(wrong.length === 0, `many: ${wrong.join("; ")}`);
  await close();
}

async function saysThatItIsOld() {
  let alive = true;
  const picture = hostileAnswers(new URL(`${base}api/v1/status`));
  const { page, close } = await open(1280, 800, "light", (url) => (alive && url.pathname.endsWith("/status") ? picture : null));
  await page.goto(base);
  await page.waitForSelector(".story");
  alive = false;
  await page.waitForSelector("#link .stale");
  check((await page.textContent("#link")).includes("does not answer"), "a daemon that is gone is said before all");
  await close();
}

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const STEPS = [tenThousandPaths, storyIsRight, ...SHAPES.map((shape) => Object.defineProperty(() => everyView(shape), "name", { value: shape[0] })), keys, mapPlays,
  hostileTexts, saysThatItIsOld];

async function inTurn(steps) {
  for (let step; (step = steps.shift());) {
    const began = Date.now();
    try {
      await step();
    } catch (error) {
      check(false, `${step.name}: ${error.message.split("\n").slice(0, 3).join(" ")}`);
    }
    console.log(`${((Date.now() - began) / 1000).toFixed(1)} s  ${step.name}`);
  }
}

await inTurn([logsIn, approves]);
await Promise.all([inTurn(STEPS), inTurn(STEPS), inTurn(STEPS)]);
await Promise.all([inTurn([ofAnOutage, ofTheSite]), inTurn([hostileDevices])]);
await inTurn([webDies, endsAll]);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
