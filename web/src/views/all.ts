// SPDX-License-Identifier: ISC
// The views in the order of the tabs; the key is the letter behind g.
import type { View } from "../view";
import { nowView } from "./now";

export interface Entry {
  name: string; // in the address
  label: string;
  key: string;
  make: () => View;
}

export const VIEWS: readonly Entry[] = [
  { name: "now", label: "Now", key: "n", make: nowView },
];
