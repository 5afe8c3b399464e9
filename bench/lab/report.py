# SPDX-License-Identifier: ISC
"""Medians, and tables that a person can read."""
import json, statistics


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def number(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"


def table(title, columns, rows):
    """Rows of cells under their columns, numbers to the right."""
    cells = [[number(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [columns, *cells]) for i in range(len(columns))]
    def line(words):
        first = words[0].ljust(widths[0])
        return "  ".join([first, *(w.rjust(n) for w, n in zip(words[1:], widths[1:]))]).rstrip()
    print(f"\n{title}\n" + "\n".join(line(words) for words in [columns, *cells]), flush=True)


def last_line(facts):
    print("\n" + json.dumps(facts), flush=True)
