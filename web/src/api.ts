// SPDX-License-Identifier: ISC
// All that goes over the wire: questions, acts, and the stream of pictures with its fallback.
import { EventStream } from "./event_stream";
import type { Store } from "./state";
import type { Picture, Session } from "./types";

const BASE = "/api/v1/";
const ASK_EVERY_MS = 1000;
const HIDDEN_EVERY_MS = 5000;
const STREAM_AGAIN_MS = 15_000; // of one that was refused; one that broke off is taken up again sooner
const QUIET_MS = 5_000; // a stream that says nothing for so long is no better than none

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // an answer in words, as from a proxy
  }
  if (answer.ok && body !== null) return body;
  const said = (body as { error?: unknown } | null)?.error;
  throw new ApiError(answer.status, typeof said === "string" ? said : text.trim().slice(0, 300) || answer.statusText);
}

export async function ask<T>(place: string, parameters: Record<string, string> = {}): Promise<T> {
  const query = new URLSearchParams(parameters).toString();
  const answer = await fetch(BASE + place + (query ? "?" + query : ""), {
    cache: "no-store", credentials: "same-origin",
  });
  return (await read(answer)) as T;
}

// Verbs that print several lines answer {"lines":[...]}; each line has one key that says what it is.
export async function askLines(place: string, parameters: Record<string, string> = {}): Promise<Record<string, any>[]> {
  const body = await ask<{ lines?: Record<string, any>[] }>(place, parameters);
  const failed = body.lines?.find((line) => typeof line.error === "string");
  if (failed) throw new ApiError(200, failed.error as string);
  return body.lines ?? [];
}

export interface Act {
  object?: string;
  rule?: string;
  number?: number;
  reason: string;
  for_s?: number;
}

// The same request id again, as when an answer got lost, is the same act: it is done once.
export async function act(session: Session, verb: string, what: Act, requestId: string): Promise<Record<string, any>> {
  const body = { ...what, request_id: requestId };
  return (await post("acts/" + verb, body, { "X-Fairlead-Csrf": session.csrf })) as Record<string, any>;
}

async function post(place: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  return read(await fetch(BASE + place, {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  }));
}

export async function logIn(name: string, password: string): Promise<Session> {
  return (await post("login", { name, password })) as Session;
}

export async function logOut(session: Session): Promise<Session> {
  return (await post("logout", {}, { "X-Fairlead-Csrf": session.csrf })) as Session;
}

// Pictures by the stream; while there is none, by asking.
export class Link {
  private stream: AbortController | null = null;
  private streamAfter = 0;
  private quietSince = 0;

  constructor(private readonly store: Store, private readonly onStranger: () => void) {}

  start(): void {
    void this.turn();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.store.changed();
    });
  }

  private async turn(): Promise<void> {
    const now = Date.now();
    if (!this.stream && now >= this.streamAfter) void this.listen(now);
    if (this.stream && now - this.quietSince > QUIET_MS) this.close(now);
    if (this.store.state.link !== "live") await this.askOnce();
    setTimeout(() => void this.turn(), document.hidden ? HIDDEN_EVERY_MS : ASK_EVERY_MS);
  }

  private async listen(now: number): Promise<void> {
    const stream = (this.stream = new AbortController());
    this.quietSince = now;
    let refused = false;
    try {
      const answer = await fetch(BASE + "stream", { cache: "no-store", credentials: "same-origin", signal: stream.signal });
      refused = !answer.ok;
      if (answer.ok && answer.body) await this.hear(answer.body.getReader());
    } catch {
      // it broke off: it is taken up again
    }
    if (this.stream === stream) this.close(Date.now(), refused);
  }

  private async hear(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const events = new EventStream(), decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const event of events.push(decoder.decode(value, { stream: true }))) if (event.name === "picture") this.take(event.data);
    }
  }

  private take(text: string): void {
    this.quietSince = Date.now();
    try {
      this.store.takePicture(JSON.parse(text) as Picture, Date.now());
      this.store.setLink("live");
    } catch {
      // half a picture: the next one comes
    }
  }

  private close(now: number, refused = false): void {
    this.stream?.abort();
    this.stream = null;
    this.streamAfter = now + (refused ? STREAM_AGAIN_MS : ASK_EVERY_MS);
    if (this.store.state.link === "live") this.store.setLink("asking");
  }

  private async askOnce(): Promise<void> {
    try {
      const picture = await ask<Picture>("status");
      if (this.store.state.link === "live") return; // the stream was quicker
      this.store.takePicture(picture, Date.now());
      this.store.setLink("asking");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.onStranger();
      this.store.setLink("lost", error instanceof ApiError ? error.message : "no answer");
    }
  }
}
