// SPDX-License-Identifier: ISC
// Which rows of a long list are drawn: those that are seen, and a few beside. Pure.

export interface Window_ {
  first: number;
  count: number;
  before: number; // px above the first
  whole: number; // px of all
}

const SPARE = 8;

export function visibleRows(total: number, rowHeight: number, scrollTop: number, viewHeight: number): Window_ {
  const top = Math.max(0, Math.min(scrollTop, total * rowHeight - viewHeight));
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const last = Math.min(total, Math.ceil((top + viewHeight) / rowHeight) + SPARE);
  return { first, count: Math.max(0, last - first), before: first * rowHeight, whole: total * rowHeight };
}
