// SPDX-License-Identifier: ISC
// The parts that the JSON of `fairlead mrt` is made of, shared by the files that make it.
#pragma once

#include "bgp/header.h"
#include "bgp/message.h"
#include "cmd/mrt_json.h"

#include <jansson.h>

enum {
    JSON_TEXT_SIZE = 1 << 17,  // octets handed over at once
    JSON_SLOTS = 64,           // peers whose last attributes are remembered
    JSON_SLOT_ATTRIBUTES_MAX = 512,
    JSON_SLOT_TAIL_MAX = 4096,
};

// What a peer said of the prefix before: neighbouring prefixes mostly share their attributes.
struct json_slot {
    enum family family;
    size_t attributes_size, tail_size;
    uint8_t attributes[JSON_SLOT_ATTRIBUTES_MAX];
    char tail[JSON_SLOT_TAIL_MAX];
};

struct mrt_json {
    mrt_lines_take *take;
    void *user;
    size_t size;                                // of `text`
    uint8_t message[BGP_EXTENDED_MESSAGE_MAX];  // one that is put together to be judged
    struct json_slot slots[JSON_SLOTS];
    char text[JSON_TEXT_SIZE];
};

void json_put(struct mrt_json *json, const char *text, size_t size);
void json_put_format(struct mrt_json *json, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Every object begins with its head: time, kind, peer.
void json_put_head(struct mrt_json *json, const struct mrt_record *record, const char *kind,
                   const struct address *peer, uint32_t peer_as);
void json_put_session_head(struct mrt_json *json, const struct mrt_record *record,
                           const struct mrt_session *session, const char *kind);
void json_put_time(struct mrt_json *json, const char *key, uint32_t time_s);
void json_put_prefix(struct mrt_json *json, struct prefix prefix);
// Of a family that Fairlead does not hold: as `decode bgp` shows it.
void json_put_foreign(struct mrt_json *json, uint16_t afi, uint8_t safi, const json_t *route);

// And ends with a tail: the verdict where it is no plain acceptance, the attributes if they may be
// used. "}" when there is neither. The caller's to free; NULL without memory.
char *json_tail(const struct bgp_verdict *verdict, const struct bgp_message *message, bool with_at,
                size_t *size);
void json_put_tail(struct mrt_json *json, const char *tail, size_t size);

// How a message of an archive is to be read: by one who watched, and in older days than RFC 9774.
struct bgp_context json_context(uint8_t as_size, bool add_path);

void json_write_rib(struct mrt_json *json, const struct mrt_record *record, struct mrt_item *item);
void json_write_route(struct mrt_json *json, const struct mrt_record *record,
                      const struct mrt_route *route);
void json_write_update(struct mrt_json *json, const struct mrt_record *record,
                       const struct mrt_session *session);
