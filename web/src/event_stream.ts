// SPDX-License-Identifier: ISC
// A stream of events, as the daemon frames them (WHATWG HTML §9.2), from the pieces in which it comes. Pure. The
// browser's own reader goes through a whole message in one task, octet by octet: a picture of very many paths
// stopped the page for four times as long as it takes to understand and draw it.

export interface StreamEvent {
  name: string;
  data: string;
}

export class EventStream {
  private pieces: string[] = []; // of the line under way
  private name = "";
  private data: string[] = [];

  // The events that are whole with this piece.
  push(piece: string): StreamEvent[] {
    const found: StreamEvent[] = [];
    for (let from = 0; ; ) {
      const end = piece.indexOf("\n", from);
      if (end < 0) {
        if (from < piece.length) this.pieces.push(piece.slice(from));
        return found;
      }
      this.pieces.push(piece.slice(from, end));
      this.take(this.pieces.join(""), found);
      this.pieces = [];
      from = end + 1;
    }
  }

  private take(line: string, found: StreamEvent[]): void {
    if (line === "" && this.data.length) found.push({ name: this.name || "message", data: this.data.join("\n") });
    if (line === "") {
      this.name = "";
      this.data = [];
    } else if (line.startsWith("event: ")) this.name = line.slice(7);
    else if (line.startsWith("data: ")) this.data.push(line.slice(6));
  }
}
