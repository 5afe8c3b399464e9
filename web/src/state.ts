// SPDX-License-Identifier: ISC
// Everything the views draw from, in one place; who wants to know of changes says so once.
import { Series } from "./series";
import type { Engine, Fact, Picture, Session } from "./types";

export type LinkState = "starting" | "live" | "asking" | "lost";

export interface State {
  link: LinkState; // live: pictures come by themselves; asking: each is fetched
  why: string; // of a link that is lost
  heardAt: number; // when the last picture came, by this machine's clock; ms since 1970
  picture: Picture | null;
  engine: Engine | null;
  now: Date; // the daemon's, as of the last picture
  session: Session | null;
  series: Series;
}

export class Store {
  readonly state: State = {
    link: "starting", why: "", heardAt: 0, picture: null, engine: null, now: new Date(NaN), session: null,
    series: new Series(),
  };
  private readonly listeners = new Set<() => void>();
  private waits = false;

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  // Several changes of one moment are drawn once. A hidden page draws nothing, and at once when shown.
  changed(): void {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      for (const listener of this.listeners) listener();
    });
  }

  takePicture(picture: Picture, at: number): void {
    const { state } = this;
    const isNew = picture.time !== state.picture?.time;
    state.picture = picture;
    state.engine = picture.engine ?? null;
    state.now = new Date(picture.time);
    if (isNew) state.heardAt = at;
    if (isNew && state.engine) state.series.add(state.now.getTime(), state.engine.paths ?? [], state.engine.use ?? []);
    this.changed();
  }

  setLink(link: LinkState, why = ""): void {
    if (this.state.link === link && this.state.why === why) return;
    this.state.link = link;
    this.state.why = why;
    this.changed();
  }
}

export function facts(state: State): readonly Fact[] {
  return state.picture?.facts ?? [];
}
