// SPDX-License-Identifier: ISC
// What the station tells of what it hears: log lines, notices, and numbers that are kept. What a
// router can cause is limited and counted.
#pragma once

#include "role/route_bmp.h"

uint32_t route_bmp_sender_router(const struct route_bmp_sender *s);  // or NET_NOBODY
const char *route_bmp_sender_name(const struct route_bmp_sender *s);
void route_bmp_note_router(struct route_bmp_sender *s, bool down);
void route_bmp_note_peer(struct route_bmp_sender *s, uint32_t peer);
// Of a peer whose routes come without a Peer Up before them.
void route_bmp_note_untold(struct route_bmp_sender *s, uint32_t peer);
// Of a table that lacks its path identifiers.
void route_bmp_note_paths(struct route_bmp_sender *s, uint32_t rib_peer);
void route_bmp_note_update(struct route_bmp_sender *s, uint32_t peer, const char *event,
                           const struct bgp_verdict *verdict);
void route_bmp_note_unknown(struct route_bmp_sender *s, const struct bmp_verdict *verdict,
                            const struct bmp_reading *reading);
void route_bmp_note_bad(struct route_bmp_sender *s, const struct bmp_verdict *verdict,
                        const struct bmp_reading *reading);
// Whether a type of statistics is told for each family, and where that is kept.
bool route_bmp_gauge_of(uint16_t type, enum route_bmp_gauge *gauge);
void route_bmp_note_statistics(struct route_bmp_sender *s, const struct bmp_reading *reading);
