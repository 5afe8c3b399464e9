// SPDX-License-Identifier: ISC
// What every view is. A new one: a file in views/, and a row in views/all.ts.
import type { Route } from "./router";
import type { State } from "./state";

export interface View {
  readonly title: string;
  // Once, when it is shown; `el` is empty, and the view's alone until unmount().
  mount(el: HTMLElement, route: Route, redraw: () => void): void;
  // With each picture, and when the route changed within the view.
  update(state: State, route: Route): void;
  unmount?(): void;
}
