// SPDX-License-Identifier: ISC
// A router that sends anything in any portions, waits, closes when it likes. Input: commands of one
// byte, see below, each with what it needs after it.
#include "bgp/session.h"

#include <stdlib.h>
#include <string.h>

enum command { RECEIVE, WAIT, CLOSE, CONNECT, READ, STOP, COMMANDS };

struct world {
    struct bgp_session session;
    struct mono now;
    bool connected;
};

static void draw(struct world *world)
{
    struct bgp_session *s = &world->session;
    struct bgp_session_event event;
    while (bgp_session_next(s, world->now, &event)) {
        if (event.kind == BGP_EVENT_DOWN)
            world->connected = false;
        bool internal = s->config.peer_as == 0;
        if (event.kind == BGP_EVENT_UP && internal &&
            (s->hold_s < 3 || s->peer.asn != s->config.asn))
            abort();  // what went up, we must be able to work with
        struct bgp_route route;
        struct bgp_nlri nlri = {0};
        if (event.kind == BGP_EVENT_UPDATE && event.verdict->remedy < BGP_SESSION_RESET)
            nlri = event.message->update.announced;
        while (bgp_nlri_next(&nlri, &route))
            if (route.prefix.length > family_bits(route.prefix.address.family))
                abort();
    }
    if (world->connected != (s->state > BGP_CONNECT))
        abort();
    size_t room;
    bgp_session_room(s, &room);
    if (room == 0)
        abort();  // nothing could ever come again
}

static void read_output(struct bgp_session *s, struct mono now, size_t most)
{
    size_t size;
    bgp_session_output(s, &size);
    bgp_session_sent(s, now, size < most ? size : most);
}

static void receive(struct world *world, struct cursor *input)
{
    struct cursor part = cursor_part(input, cursor_u8(input));
    size_t room, size = cursor_left(&part);
    uint8_t *to = bgp_session_room(&world->session, &room);
    if (!world->connected || size == 0)
        return;
    size = size < room ? size : room;
    memcpy(to, cursor_bytes(&part, size), size);
    bgp_session_received(&world->session, size);
}

static void step(struct world *world, struct cursor *input)
{
    struct bgp_session *s = &world->session;
    switch ((enum command)(cursor_u8(input) % COMMANDS)) {
    case RECEIVE:
        receive(world, input);
        break;
    case WAIT:
        world->now = mono_add_ms(world->now, cursor_be16(input));
        bgp_session_time(s, world->now);
        break;
    case CLOSE:
        bgp_session_closed(s, world->now, "closed");
        break;
    case CONNECT:
        if (s->state <= BGP_CONNECT) {
            bgp_session_connected(s, world->now);
            world->connected = true;
        }
        break;
    case READ:
        read_output(s, world->now, cursor_u8(input));
        break;
    case STOP:
        bgp_session_stop(s, world->now, 2, "stop");
        break;
    case COMMANDS:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct world *world;  // large: kept from input to input, and begun anew each time
    if (!world && !(world = malloc(sizeof *world)))
        abort();
    struct cursor input = cursor_over(bytes, size);
    struct bgp_session_config config = {
        .asn = 64500,
        .id = 1,
        .hold_s = 9,
        .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
        .add_path = {[FAMILY_IPV4] = BGP_ADD_PATH_RECEIVE, [FAMILY_IPV6] = BGP_ADD_PATH_RECEIVE},
        .extended_message = true,
        .enhanced_refresh = true,
        .next_hop_ipv6 = true,
    };
    uint8_t bits = cursor_u8(&input);
    config.dials = bits & 1;
    if (bits & 2) {  // a peer of any network, that may live without a hold time
        config.peer_as = BGP_AS_ANY;
        config.any_hold = true;
        config.hold_s = bits & 4 ? 0 : 90;
        config.role = BGP_ROLE_PEER;
    }
    world->now = (struct mono){0};
    world->connected = false;
    bgp_session_init(&world->session, &config, world->now, 1);
    while (cursor_left(&input) > 0) {
        step(world, &input);
        draw(world);
    }
    return 0;
}
