// SPDX-License-Identifier: ISC
// The views in the order of the tabs; the key is the letter behind g.
import type { View } from "../view";
import { incidentView } from "./incident";
import { mapView } from "./map";
import { nowView } from "./now";
import { pathsView } from "./paths";
import { peopleView } from "./people";
import { routesView } from "./routes";

export interface Entry {
  name: string; // in the address
  label: string;
  key: string;
  make: () => View;
}

export const VIEWS: readonly Entry[] = [
  { name: "now", label: "Now", key: "n", make: nowView },
  { name: "map", label: "Map", key: "m", make: mapView },
  { name: "incident", label: "Incidents", key: "i", make: incidentView },
  { name: "paths", label: "Paths", key: "p", make: pathsView },
  { name: "routes", label: "Routes", key: "r", make: routesView },
  { name: "people", label: "People", key: "o", make: peopleView },
];
