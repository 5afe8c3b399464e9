// SPDX-License-Identifier: ISC
// Trees of elements as values, and the least change that makes the page show them. Texts become text
// nodes and nothing else, with what would hide in them made visible; attributes are set by name, and links
// stay within the page: whatever a router or a device sent can be handed over as it is. What has not changed is not touched, so that a focus, a
// selection or a tooltip outlives the next picture.

import { visible } from "./format";

export type Handler = (event: Event) => void;
export type Child = Node_ | string | number | false | null | undefined;
export type Children = Child | readonly Children[];

export interface Attributes {
  key?: string;
  on?: Record<string, Handler>;
  style?: Record<string, string>;
  [name: string]: unknown;
}

export interface Node_ {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly (Node_ | string)[];
}

function flatten(children: Children, into: (Node_ | string)[]): (Node_ | string)[] {
  if (Array.isArray(children)) for (const child of children) flatten(child as Children, into);
  else if (typeof children === "number") into.push(String(children));
  else if (children || children === "") into.push(children as Node_ | string);
  return into;
}

export function h(tag: string, attributes: Attributes | null, ...children: Children[]): Node_ {
  return { tag, attributes: attributes ?? {}, children: flatten(children, []) };
}

const SVG = "http://www.w3.org/2000/svg";
const shown = new WeakMap<Node, Node_>();
const listened = new WeakMap<Node, Set<string>>();

// A link leads to a place of this page or of this server, whatever the text of a peer says.
export function isOwnLink(link: string): boolean {
  return link.startsWith("#") || (link.startsWith("/") && !link.startsWith("//") && !link.startsWith("/\\"));
}

function listen(element: Element, name: string): void {
  let names = listened.get(element);
  if (!names) listened.set(element, (names = new Set()));
  if (names.has(name)) return;
  names.add(name);
  element.addEventListener(name, (event) => shown.get(element)?.attributes.on?.[name]?.(event));
}

function setAttribute(element: Element, name: string, value: unknown): void {
  if (name === "href" && !isOwnLink(String(value))) return;
  if (name === "value" || name === "checked" || name === "disabled" || name === "indeterminate") {
    const holder = element as unknown as Record<string, unknown>;
    const wanted = name === "value" ? value ?? "" : Boolean(value);
    if (holder[name] !== wanted) holder[name] = wanted;
  } else if (value === false || value === null || value === undefined) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : visible(String(value)));
  }
}

function setStyle(element: Element, style: Record<string, string>, before: Record<string, string>): void {
  const own = (element as HTMLElement | SVGElement).style;
  for (const name of Object.keys(before)) if (!(name in style)) own.removeProperty(name);
  for (const [name, value] of Object.entries(style))
    if (before[name] !== value) own.setProperty(name, value);
}

function setAttributes(element: Element, next: Attributes, before: Attributes): void {
  for (const name of Object.keys(before))
    if (!(name in next) && name !== "on" && name !== "style" && name !== "key")
      setAttribute(element, name, undefined);
  for (const [name, value] of Object.entries(next))
    if (name !== "on" && name !== "style" && name !== "key" && before[name] !== value)
      setAttribute(element, name, value);
  setStyle(element, next.style ?? {}, before.style ?? {});
  for (const name of Object.keys(next.on ?? {})) listen(element, name);
}

function make(node: Node_ | string, parent: Element): Node {
  if (typeof node === "string") return document.createTextNode(visible(node));
  const isSvg = node.tag === "svg" || (parent.namespaceURI === SVG && parent.tagName !== "foreignObject");
  const element = isSvg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  setAttributes(element, node.attributes, {});
  shown.set(element, node);
  for (const child of node.children) element.appendChild(make(child, element));
  return element;
}

function keyOf(node: Node_ | string | undefined): string | undefined {
  return typeof node === "object" ? node.attributes.key : undefined;
}

function fits(old: Node, node: Node_ | string): boolean {
  if (typeof node === "string") return old.nodeType === Node.TEXT_NODE;
  const before = shown.get(old);
  return before !== undefined && before.tag === node.tag && keyOf(before) === keyOf(node);
}

function change(old: Node, node: Node_ | string): void {
  if (typeof node === "string") {
    const text = visible(node);
    if (old.nodeValue !== text) old.nodeValue = text;
    return;
  }
  const before = shown.get(old);
  if (before === node) return;
  setAttributes(old as Element, node.attributes, before?.attributes ?? {});
  shown.set(old, node);
  patch(old as Element, node.children);
}

// Those that are gone go first: else all that come after them would be taken out and put in again.
function removeGone(parent: Element, next: readonly (Node_ | string)[]): void {
  const wanted = new Set<string | undefined>(next.map(keyOf));
  for (let old = parent.firstChild, after: ChildNode | null; old; old = after) {
    const key = keyOf(shown.get(old));
    after = old.nextSibling;
    if (key !== undefined && !wanted.has(key)) old.remove();
  }
}

function patch(parent: Element, next: readonly (Node_ | string)[]): void {
  removeGone(parent, next);
  const keyed = new Map<string, Node>();
  for (let old = parent.firstChild; old; old = old.nextSibling) {
    const key = keyOf(shown.get(old));
    if (key !== undefined) keyed.set(key, old);
  }
  let at = parent.firstChild;
  for (const node of next) {
    const key = keyOf(node);
    const found = key === undefined ? at : keyed.get(key) ?? null;
    if (found && fits(found, node)) {
      if (found === at) at = at.nextSibling;
      else parent.insertBefore(found, at);
      change(found, node);
    } else {
      parent.insertBefore(make(node, parent), at);
    }
  }
  while (at) {
    const after: ChildNode | null = at.nextSibling;
    at.remove();
    at = after;
  }
}

export function render(parent: Element, ...children: Children[]): void {
  patch(parent, flatten(children, []));
}
