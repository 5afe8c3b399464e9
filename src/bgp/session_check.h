// SPDX-License-Identifier: ISC
// A session for tests, and the router it talks to.
#pragma once

#include "base/check.h"
#include "bgp/session.h"

#include <stdlib.h>
#include <string.h>

enum { US = 0x0a000005, ROUTER = 0x0a000001, AS = 64500, HOLD_S = 9 };

static const struct mono start = {(int64_t)1000 * NS_PER_S};

static inline struct mono at_ms(int64_t ms)
{
    return mono_add_ms(start, ms);
}

static inline struct bgp_session *new_session(bool dials)
{
    struct bgp_session *s = malloc(sizeof *s);
    struct bgp_session_config config = {
        .asn = AS,
        .id = US,
        .hold_s = HOLD_S,
        .families = {0, 1, 1},
        .add_path = {0, BGP_ADD_PATH_RECEIVE, BGP_ADD_PATH_RECEIVE},
        .extended_message = true,
        .dials = dials,
    };
    bgp_session_init(s, &config, start, 1);
    return s;
}

static inline struct bgp_open router_open(void)
{
    return (struct bgp_open){
        .asn = AS,
        .id = ROUTER,
        .hold_s = 90,
        .families = {0, 1, 1},
        .as4 = true,
        .refresh = true,
        .add_path = {[FAMILY_IPV4] = BGP_ADD_PATH_SEND, [FAMILY_IPV6] = BGP_ADD_PATH_RECEIVE},
    };
}

// Draws the one event that must have come; its kind, or -1 for none.
static inline int draw(struct bgp_session *s, struct mono now, struct bgp_session_event *event)
{
    struct bgp_session_event e = {0}, more;
    int kind = bgp_session_next(s, now, &e) ? (int)e.kind : -1;
    if (event)
        *event = e;
    else
        assert_false(kind >= 0 && bgp_session_next(s, now, &more));
    return kind;
}

static inline void receive(struct bgp_session *s, const void *bytes, size_t size)
{
    size_t room;
    uint8_t *to = bgp_session_room(s, &room);
    assert_true(room >= size);
    memcpy(to, bytes, size);
    bgp_session_received(s, size);
}

static inline void receive_open(struct bgp_session *s, const struct bgp_open *open)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_open_encode(&w, open);
    receive(s, bytes, w.size);
}

static inline void receive_hex(struct bgp_session *s, const char *hex)
{
    uint8_t bytes[256];
    receive(s, bytes, check_hex(hex, bytes));
}

#define MARKER "ffffffff ffffffff ffffffff ffffffff "

static inline void receive_keepalive(struct bgp_session *s)
{
    receive_hex(s, MARKER "0013 04");
}

// The type of the next message we wrote, its code and subcode if it is a NOTIFICATION: "1", "3
// 6/2";
// "" when there is none. It is taken away.
static inline const char *wrote(struct bgp_session *s, struct mono now)
{
    static char text[16];
    size_t size;
    const uint8_t *out = bgp_session_output(s, &size);
    text[0] = '\0';
    if (size == 0)
        return text;
    assert_true(size >= BGP_HEADER_SIZE);
    size_t message = (size_t)out[16] << 8 | out[17];
    assert_true(message <= size);
    if (out[18] == BGP_NOTIFICATION)
        snprintf(text, sizeof text, "3 %u/%u", out[19], out[20]);
    else
        snprintf(text, sizeof text, "%u", out[18]);
    bgp_session_sent(s, now, message);
    return text;
}

#define assert_wrote(s, now, expected) assert_string_equal(wrote((s), (now)), (expected))

// Up to OpenSent, the OPEN drawn.
static inline struct bgp_session *connected(bool dials)
{
    struct bgp_session *s = new_session(dials);
    if (dials) {
        bgp_session_time(s, start);
        assert_int_equal(draw(s, start, NULL), BGP_EVENT_DIAL);
    }
    bgp_session_connected(s, start);
    assert_int_equal(draw(s, start, NULL), -1);
    assert_wrote(s, start, "1");
    assert_wrote(s, start, "");
    return s;
}

static inline struct bgp_session *established(void)
{
    struct bgp_session *s = connected(true);
    struct bgp_open open = router_open();
    receive_open(s, &open);
    assert_int_equal(draw(s, start, NULL), BGP_EVENT_OPENED);
    assert_wrote(s, start, "4");
    receive_keepalive(s);
    assert_int_equal(draw(s, start, NULL), BGP_EVENT_UP);
    return s;
}
