// SPDX-License-Identifier: ISC
// What each router says of the overrides that it has from us (decision 0095), by what it shows us
// anyway: its kernel's routes; what it chose (BMP, RFC 9069); what it let in behind its policy
// (BMP, RFC 7854); an echo on its session, where that shows one route of each prefix, its own
// choice. A router that is not asked for any of these says nothing. No word comes of a table that
// is not whole, and no "not taken" of one that may be of the time before the override.
#pragma once

struct route_role;

// Asks each router of all that stands, every WORDS_EVERY_MS, and tells the engine.
void route_taken_tick(struct route_role *r);
