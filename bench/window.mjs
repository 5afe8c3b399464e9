// SPDX-License-Identifier: ISC
// The browser's part of bench/window: window.mjs URL RUNS PATHS SECONDS. Its last line is what was measured.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { livePaths } from "../tests/web/pictures.mjs";

const require = createRequire(new URL("../tests/web/", import.meta.url));
const { chromium } = require("playwright-core");
const [base, runs, pathCount, seconds] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const PICTURE_MS = 500; // src/web/stream.h
const LATE_MS = 1000 / 60 * 2; // a frame of which the one before it was shown again
const ROW_PX = 34;
const STEP_PX = 90; // scrolled in each frame
const KEYS = "upstream-0042 ipv6".split("");
const KEY_MS = 120;
const PATIENCE_MS = 120_000;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu",
  "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });

const sorted = (list) => list.slice().sort((a, b) => a - b);
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
const sum = (list) => list.reduce((all, one) => all + one, 0);
const spread = (list) => ({ median_ms: at(list, 0.5), longest_ms: at(list, 1) });

// ---- first paint

const PLAIN = "<!doctype html><html lang=en><title>plain</title><p>One sentence.</p></html>";
const head = { "Content-Type": "text/html; charset=utf-8" };

async function paint(url, wanted) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.addInitScript((selector) => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector(selector)) return;
      globalThis.saidAt = performance.now();
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  }, wanted);
  await page.goto(url);
  await page.waitForSelector(wanted);
  let seen;
  do seen = await page.evaluate(() => ({
    first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime, said: globalThis.saidAt,
    bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .filter((e) => !e.name.includes("/api/")).reduce((sum, e) => sum + e.transferSize, 0),
  })); while (seen.first === undefined);
  await context.close();
  return seen;
}

async function firstPaint(plain) {
  const page = [], story = [], bare = [];
  let bytes = 0;
  for (let run = 0; run < runs; run++) {
    bare.push((await paint(plain, "p")).first);
    const seen = await paint(base, ".story .headline");
    page.push(seen.first);
    story.push(seen.said);
    bytes = seen.bytes;
  }
  return { page: spread(page), story: spread(story), plain: spread(bare), bytes };
}

// ---- a list of very many paths

// The daemon's own files, and pictures of so many paths that no daemon has.
function fakeDaemon() {
  const draw = livePaths(pathCount);
  return createServer(async (request, response) => {
    const url = new URL(request.url, base);
    if (url.pathname === "/plain") return response.writeHead(200, head).end(PLAIN);
    if (url.pathname === "/rows") return response.writeHead(200, head).end(plainRows());
    if (url.pathname === "/api/v1/session") return response.end(JSON.stringify({ name: "", rights: ["read"], csrf: "", login: "none" }));
    if (url.pathname === "/api/v1/stream") return stream(response, draw);
    if (url.pathname.startsWith("/api/")) return response.writeHead(404).end("{}");
    const file = await fetch(url, { headers: { "Accept-Encoding": "identity" } });
    response.writeHead(file.status, Object.fromEntries([...file.headers].filter(([name]) => !/^content-(length|encoding)|^connection/.test(name))));
    response.end(Buffer.from(await file.arrayBuffer()));
  });
}

function stream(response, draw) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const turn = setInterval(() => {
    if (response.writableLength === 0) response.write(`event: picture\ndata: ${JSON.stringify(draw())}\n\n`);
  }, PICTURE_MS);
  response.on("close", () => clearInterval(turn));
}

function plainRows() {
  const rows = Array.from({ length: pathCount }, (_, i) => `<div>upstream-${i} IPv4 good 0 % 12 ms</div>`).join("");
  return `<!doctype html><html lang=en><title>rows</title><style>#paths-scroll{height:600px;overflow:auto}` +
    `#paths-scroll div{height:${ROW_PX}px}</style><div id=paths-scroll>${rows}</div></html>`;
}

// Gaps between frames, until told to stop; `step` px are scrolled in each.
function watchFrames(step) {
  const list = document.querySelector("#paths-scroll");
  const gaps = (globalThis.gaps = []);
  let last = performance.now(), way = step;
  const turn = (now) => {
    gaps.push(now - last);
    last = now;
    list.scrollTop += way;
    if (list.scrollTop <= 0 || list.scrollTop + list.clientHeight >= list.scrollHeight - 1) way = -way;
    if (globalThis.gaps === gaps) requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
}

// CPU of each task of the page's main thread, and of those that made a frame: of the renderer that worked most.
function tasks(trace) {
  const events = JSON.parse(trace.toString()).traceEvents;
  const renderers = new Map(events.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain")
    .map((e) => [e.pid, { tid: e.tid, tasks: [], frames: [] }]));
  for (const e of events) {
    const renderer = renderers.get(e.pid);
    if (renderer?.tid !== e.tid || e.ph !== "X") continue;
    if (e.name === "RunTask") renderer.tasks.push(e);
    else if (e.name === "FireAnimationFrame") renderer.frames.push(e.ts);
  }
  const took = (renderer) => renderer.tasks.map((e) => (e.tdur ?? 0) / 1000);
  const main = [...renderers.values()].sort((a, b) => sum(took(b)) - sum(took(a)))[0];
  const framed = main.tasks.filter((e) => main.frames.some((ts) => ts >= e.ts && ts < e.ts + e.dur));
  return { all: took(main), frames: took({ tasks: framed }) };
}

async function look(page, step, act) {
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline", "devtools.timeline"] });
  const began = performance.now();
  await page.evaluate(watchFrames, step);
  await act(page);
  await page.waitForTimeout(Math.max(0, seconds * 1000 - (performance.now() - began)));
  const gaps = await page.evaluate(() => { const { gaps } = globalThis; globalThis.gaps = null; return gaps.slice(2); });
  const span = performance.now() - began;
  const took = tasks(await browser.stopTracing());
  return { frames: gaps.length, late_percent: (100 * gaps.filter((g) => g > LATE_MS).length) / gaps.length, longest_ms: at(gaps, 1),
    frame_p95_ms: at(took.frames, 0.95), task_ms: Math.max(0, ...took.all), busy_percent: (100 * sum(took.all)) / span };
}

async function filter(page) {
  await page.focus("#filter");
  for (let round = 0; round < 2; round++) {
    for (const key of KEYS) {
      await page.keyboard.press(key === " " ? "Space" : key);
      await page.waitForTimeout(KEY_MS);
    }
    for (const _ of KEYS) await page.keyboard.press("Backspace");
  }
}

async function manyRows(origin) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const nothing = async () => {};
  await page.goto(`${origin}/rows`);
  const plain = await look(page, STEP_PX, nothing);
  await page.goto(`${origin}/#/paths`);
  await page.waitForSelector(".vwhole .vrow");
  await page.waitForTimeout(4 * PICTURE_MS);
  const list = { "plain, scrolled": plain, "left alone": await look(page, 0, nothing), scrolled: await look(page, STEP_PX, nothing),
    filtered: await look(page, 0, filter) };
  await context.close();
  return list;
}

const daemon = fakeDaemon();
await new Promise((resolve) => daemon.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${daemon.address().port}`;
const measured = { paint: await firstPaint(`${origin}/plain`), list: await manyRows(origin) };
await browser.close();
daemon.closeAllConnections();
daemon.close();
console.log(JSON.stringify(measured));
