// SPDX-License-Identifier: ISC
// Who one is: the form to log in, and what stands of it in the head. What is typed goes to the daemon and
// nowhere else, and is not kept.
import { ask, logIn, logOut, ApiError } from "./api";
import { h, render, type Node_ } from "./dom";
import type { Store } from "./state";
import type { Session } from "./types";

const LEARN_EVERY_MS = 60_000; // rights fall asleep by themselves

export class Login {
  private answer: Node_ | null = null;
  private busy = false;

  constructor(private readonly store: Store, private readonly dialog: HTMLDialogElement) {
    // Nothing can be seen without: the form stays.
    dialog.addEventListener("cancel", (event) => {
      if (!this.session?.name) event.preventDefault();
    });
  }

  private get session(): Session | null {
    return this.store.state.session;
  }

  start(): void {
    void this.learn();
    setInterval(() => void this.learn(), LEARN_EVERY_MS);
  }

  async learn(): Promise<void> {
    try {
      this.take(await ask<Session>("session"));
    } catch {
      // no answer: the link says so
    }
  }

  private take(session: Session): void {
    this.store.state.session = session;
    this.store.changed();
    if (session.login === "password" && !session.name) this.open();
  }

  open(): void {
    if (this.dialog.open) return;
    this.answer = null;
    render(this.dialog);
    this.draw();
    this.dialog.showModal();
  }

  // In the head: who it is, and the way out; or the way in.
  head(): Node_ | null {
    const session = this.session;
    if (session?.login !== "password") return null;
    if (!session.name) return h("button", { type: "button", class: "plain", on: { click: () => this.open() } }, "Log in");
    const asleep = session.asleep ?? [];
    return h("span", { class: "who" },
      asleep.length === 0 ? session.name : h("button", {
        type: "button", class: "plain", title: `15 minutes without an act: log in again to ${asleep.join(", ")}`,
        on: { click: () => this.open() },
      }, `${session.name}: wake rights`),
      " ", h("button", { type: "button", class: "plain", on: { click: () => void this.leave(session) } }, "Log out"));
  }

  private async leave(session: Session): Promise<void> {
    try {
      await logOut(session);
    } finally {
      location.reload(); // what was shown goes with whom it was shown to
    }
  }

  private field(name: string): string {
    return (this.dialog.querySelector(`[name="${name}"]`) as HTMLInputElement | null)?.value ?? "";
  }

  private async enter(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.draw();
    try {
      const session = await logIn(this.field("name"), this.field("password"));
      render(this.dialog); // what was typed goes with it
      this.dialog.close();
      this.take(session);
    } catch (error) {
      const again = error instanceof ApiError && error.status === 401 ? "Wrong name or password." : (error as Error).message;
      this.answer = h("p", { class: "answer bad", role: "alert" }, again);
    }
    this.busy = false;
    if (this.dialog.open) this.draw();
  }

  private draw(): void {
    const name = this.session?.name ?? "";
    render(this.dialog, h("form", { on: { submit: (event) => void this.enter(event) } },
      h("h2", { id: "login-title" }, name ? "Log in again" : "Log in"),
      h("label", null, h("span", null, "Name"), name
        ? h("input", { name: "name", required: true, autocomplete: "username", readonly: true, value: name })
        : h("input", { name: "name", required: true, autocomplete: "username", autofocus: true })),
      h("label", null, h("span", null, "Password"),
        h("input", { name: "password", type: "password", required: true, autocomplete: "current-password" })),
      this.answer,
      h("div", { class: "dialog-buttons" },
        name ? h("button", { type: "button", class: "plain", on: { click: () => this.dialog.close() } }, "Cancel") : null,
        h("button", { type: "submit", class: "deed-button", disabled: this.busy }, this.busy ? "\u2026" : "Log in"))));
  }
}
