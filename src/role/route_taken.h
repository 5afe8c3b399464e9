// SPDX-License-Identifier: ISC
// What each router says of the overrides that it has from us (decision 0095), by what it shows us
// anyway: its kernel's routes; what it chose (BMP, RFC 9069); an echo on its session, where that
// shows one route of each prefix, its own choice. A router that shows none of these says nothing.
// No word comes of a table that is not whole, and no "not taken" of one that may be of the time
// before the override. Nor of what BMP shows behind its policy (RFC 7854): FRR 8.4 takes a route
// and never shows it there, when it gets to know its next hop by it.
#pragma once

struct route_role;

// Asks each router of all that stands, every WORDS_EVERY_MS, and tells the engine.
void route_taken_tick(struct route_role *r);
