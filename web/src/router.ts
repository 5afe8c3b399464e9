// SPDX-License-Identifier: ISC
// Where one is: #/view/argument?key=value. Pure, but for the two functions that read and set the address.

export interface Route {
  view: string;
  argument: string;
  query: Record<string, string>;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function parseRoute(hash: string): Route {
  const [place = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const slash = place.indexOf("/");
  const query: Record<string, string> = Object.create(null);
  for (const [key, value] of new URLSearchParams(search)) query[key] = value;
  return {
    view: decode(slash < 0 ? place : place.slice(0, slash)) || "now",
    argument: slash < 0 ? "" : decode(place.slice(slash + 1)),
    query,
  };
}

export function linkTo(view: string, argument = "", query: Record<string, string> = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return `#/${view}${argument ? "/" + encodeURIComponent(argument) : ""}${search ? "?" + search : ""}`;
}

export function here(): Route {
  return parseRoute(location.hash);
}

// Without a step in the history of the browser: for filters, which change with each key.
export function replace(link: string): void {
  history.replaceState(null, "", link);
}
