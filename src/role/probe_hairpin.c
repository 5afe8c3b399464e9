// SPDX-License-Identifier: ISC
#include "role/probe_hairpin.h"

#include "detect/site.h"
#include "probe/hairpin.h"
#include "role/log.h"
#include "role/neighbour_ask.h"
#include "role/now.h"
#include "role/packet_socket.h"
#include "role/probe_open.h"
#include "role/probe_tell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXTRA_PPS = 50,            // of a link, for flows that lost something
    FRAMES_PER_TURN_MAX = 64,  // of one link
    SENDS_PER_TURN_MAX = 64,
    DEAD_LOSSES = 5,  // straight ones, told to people who read the log
};

// How often the kernel is asked for a neighbour's address, and made to find out; at each asking as
// long as it knows none.
static const int64_t ask_ns = NS_PER_S, remind_ns = 10 * (int64_t)NS_PER_S;

struct side {  // a link in one family
    bool is_known;
    uint8_t mac[HAIRPIN_MAC];  // the neighbour's; kept when the kernel knows none any more
    struct mono asked_at, reminded_at;
};

struct link {
    const struct net_link *is;
    struct packet_socket socket;
    struct departure departure;  // of what is sent by it
    uint8_t own;                 // its device's place in the role's list
    bool is_down;
    struct side sides[FAMILIES];
    uv_poll_t poll;
};

struct probe_hairpins {
    struct link links[NET_LINKS_MAX];
    uint32_t link_count, flow_count, first;  // id of its first flow in the role's list
    struct flow *flows;                      // that part of the list
    struct flight flight;                    // ids count from 0
    struct schedule *schedule;
    struct neighbour_ask ask;
    uint32_t *straight;  // losses of each flow since its last answer
    uint32_t *scratch;
};

uint32_t probe_hairpin_flows(const struct net *net)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->link_count; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            count += net->links[i].neighbour[family].family ? net->links[i].flows : 0;
    return count;
}

static enum family family_of(const struct probe_role *r, const struct flow *flow)
{
    return r->paths[flow->path].is.family;
}

static struct link *link_of(struct probe_hairpins *h, uint32_t id)
{
    return &h->links[h->flows[id].target];
}

static void plan_link(struct probe_role *r, uint32_t link, enum family family, uint32_t *id,
                      struct schedule_flow *plans)
{
    struct probe_hairpins *h = r->hairpins;
    const struct net_link *is = &r->net->links[link];
    for (uint32_t n = 0; n < is->flows; n++, (*id)++) {
        uint64_t secret = siphash(r->key, (const uint64_t[2]){h->first, *id}, 16);
        int64_t interval_ns = 1000 * (int64_t)NS_PER_S / is->rate_mpps;
        h->flows[*id] = (struct flow){
            .use = FLOW_HAIRPIN,
            .path = (uint8_t)net_link_path(r->net, is, family),
            .target = (uint8_t)link,
            .number = (uint16_t)n,
            .port = (uint16_t)(PROBE_PORT_FIRST + n),
            .label = family == FAMILY_IPV6 ? 1 + n : 0,
        };
        plans[*id] = (struct schedule_flow){
            .path = link, .interval_ns = interval_ns, .phase_ns = interval_ns * n / is->flows};
        flight_flow_init(&h->flight, *id, link * FAMILIES + (uint32_t)family, (uint32_t)secret);
    }
}

static bool plan(struct probe_role *r)
{
    static const uint32_t unlimited = SCHEDULE_UNLIMITED;
    struct probe_hairpins *h = r->hairpins;
    struct schedule_flow *plans = calloc(h->flow_count, sizeof plans[0]);
    uint32_t id = 0, most_pps = 0;
    for (uint32_t i = 0; plans && i < h->link_count; i++) {
        const struct net_link *is = h->links[i].is = &r->net->links[i];
        uint32_t before = id;
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            if (is->neighbour[family].family != FAMILY_NONE)
                plan_link(r, i, family, &id, plans);
        uint32_t pps = (id - before) * (is->rate_mpps / 1000 + 1);
        most_pps = pps > most_pps ? pps : most_pps;
    }
    const struct schedule_caps caps = {
        .path_count = h->link_count,
        .path_pps = most_pps + EXTRA_PPS,
        .target_count = 1,
        .target_pps = &unlimited,
    };
    if (plans)
        h->schedule = schedule_new(plans, h->flow_count, &caps, r->key.high);
    free(plans);
    return h->schedule;
}

static bool open_links(struct probe_role *r, char *why)
{
    struct probe_hairpins *h = r->hairpins;
    for (uint32_t i = 0; i < h->link_count; i++) {
        const struct net_link *is = h->links[i].is;
        int error = packet_socket_open(&h->links[i].socket, is->device);
        h->links[i].own = probe_link_use(r, is->device);
        if (error)
            return probe_fail(why,
                              "cannot send packets to the neighbour of '%s' by device '%s': %s%s",
                              is->name, is->device, strerror(-error),
                              error == -ENODEV         ? ": name an interface of this host"
                              : error == -EAFNOSUPPORT ? ": fairlead.service needs 50-packets.conf"
                                                       : "");
    }
    int error = neighbour_ask_open(&h->ask);
    return !error || probe_fail(why, "cannot ask for neighbours: %s", strerror(-error));
}

bool probe_hairpins_open(struct probe_role *r, char *why)
{
    struct probe_hairpins *h = calloc(1, sizeof *h);
    if (!h)
        return probe_fail(why, "cannot probe: out of memory");
    r->hairpins = h;
    h->link_count = r->net->link_count;
    h->flow_count = probe_hairpin_flows(r->net);
    h->first = r->scheduled_count;
    h->flows = r->flows + h->first;
    h->ask = (struct neighbour_ask){-1, {-1, -1, -1}};
    for (uint32_t i = 0; i < h->link_count; i++)
        h->links[i].socket.fd = h->links[i].socket.sender = -1;
    h->straight = calloc(h->flow_count, sizeof h->straight[0]);
    h->scratch = calloc(h->flow_count, sizeof h->scratch[0]);
    if (!h->straight || !h->scratch ||
        !flight_init(&h->flight, h->flows,
                     &(struct flight_room){.flows = h->flow_count,
                                           .groups = h->link_count * FAMILIES,
                                           .probes = h->flow_count * FLIGHT_RECENT_MAX}) ||
        !plan(r))
        return probe_fail(why, "cannot probe: out of memory");
    h->flight.timeout_min_ns = r->net->probe.timeout_min_ns;
    h->flight.timeout_max_ns = r->net->probe.timeout_max_ns;
    return open_links(r, why);
}

void probe_hairpins_close(struct probe_hairpins *h)
{
    if (!h)
        return;
    for (uint32_t i = 0; i < h->link_count; i++)
        packet_socket_close(&h->links[i].socket);
    neighbour_ask_close(&h->ask);
    schedule_free(h->schedule);
    flight_done(&h->flight);
    free(h->straight);
    free(h->scratch);
    free(h);
}

int probe_hairpins_watch(struct probe_role *r, uv_poll_cb on_readable)
{
    struct probe_hairpins *h = r->hairpins;
    int error = 0;
    for (uint32_t i = 0; !error && i < h->link_count; i++) {
        h->links[i].poll.data = r;
        error = uv_poll_init(&r->loop, &h->links[i].poll, h->links[i].socket.fd);
        if (!error)
            error = uv_poll_start(&h->links[i].poll, UV_READABLE, on_readable);
    }
    return error;
}

void probe_hairpins_start(struct probe_role *r)
{
    schedule_start(r->hairpins->schedule, r->now);
}

struct mono probe_hairpins_due(const struct probe_role *r)
{
    struct mono due = schedule_due(r->hairpins->schedule);
    struct mono lost = flight_due(&r->hairpins->flight);
    return mono_reached(due, lost) ? lost : due;
}

void probe_hairpins_hasten(struct probe_role *r, uint32_t id)
{
    schedule_hasten(r->hairpins->schedule, id - r->hairpins->first, r->now);
}

static void note_life(struct probe_role *r, uint32_t id, bool lost)
{
    struct probe_hairpins *h = r->hairpins;
    uint32_t before = h->straight[id];
    h->straight[id] = lost ? before + 1 : 0;
    bool has_died = before + 1 == DEAD_LOSSES && lost;
    if (!has_died && (lost || before < DEAD_LOSSES))
        return;
    log_line("event=%s link=%s family=%s flow=%u", has_died ? "link_dead" : "link_alive",
             link_of(h, id)->is->name, family_name(family_of(r, &h->flows[id])),
             h->flows[id].number);
}

static void tell(struct probe_role *r, uint32_t id, struct sample *sample)
{
    struct probe_hairpins *h = r->hairpins;
    sample->id = h->first + id;
    if (sample->verdict != SAMPLE_VOID && !sample->late) {
        schedule_told(h->schedule, id, sample->verdict == SAMPLE_LOST, r->now);
        note_life(r, id, sample->verdict == SAMPLE_LOST);
    }
    probe_tell(r, sample);
}

static void void_flow(struct probe_role *r, uint32_t id, enum sample_void_reason reason)
{
    struct sample sample;
    while (flight_void(&r->hairpins->flight, id, reason, r->now, &sample))
        tell(r, id, &sample);
}

void probe_hairpins_void(struct probe_role *r, enum sample_void_reason reason)
{
    struct probe_hairpins *h = r->hairpins;
    uint32_t count = flight_waiting(&h->flight, h->scratch);
    for (uint32_t i = 0; i < count; i++)
        void_flow(r, h->scratch[i], reason);
}

static void void_link(struct probe_role *r, uint32_t link, enum sample_void_reason reason)
{
    struct probe_hairpins *h = r->hairpins;
    for (uint32_t id = 0; id < h->flow_count; id++)
        if (h->flows[id].target == link)
            void_flow(r, id, reason);
}

void probe_hairpins_check_links(struct probe_role *r)
{
    struct probe_hairpins *h = r->hairpins;
    for (uint32_t i = 0; i < h->link_count; i++) {
        bool was_down = h->links[i].is_down;
        h->links[i].is_down = r->first_links.all[h->links[i].own].is_down;
        if (was_down && !h->links[i].is_down && r->site)
            site_link_came_up(r->site, i, r->now);
        if (h->links[i].is_down)
            void_link(r, i, SAMPLE_LINK_DOWN);
    }
}

void probe_hairpins_check_drops(struct probe_role *r)
{
    for (uint32_t i = 0; i < r->hairpins->link_count; i++)
        if (r->first_links.all[r->hairpins->links[i].own].has_dropped)
            void_link(r, i, SAMPLE_LINK_DROPPED);
}

static void take(struct probe_role *r, uint32_t link, const uint8_t *frame, size_t size)
{
    struct probe_hairpins *h = r->hairpins;
    struct hairpin_probe back;
    struct sample sample;
    if (!hairpin_decode(frame, size, r->key, &back) || back.flow >= h->flow_count ||
        h->flows[back.flow].target != link) {
        r->counts.strange++;
        return;
    }
    const struct flight_answer answer = {
        .sequence = back.sequence, .echo = back.sent_at, .came_at = r->now};
    enum flight_fit fit = flight_answer(&h->flight, back.flow, &answer, r->now, &sample);
    r->counts.doubled += fit == FLIGHT_DOUBLED;
    if (fit == FLIGHT_FITS)
        tell(r, back.flow, &sample);
}

void probe_hairpins_receive(struct probe_role *r)
{
    uint8_t frame[HAIRPIN_FRAME_MAX + 64];  // and what a link pads it with
    for (uint32_t i = 0; i < r->hairpins->link_count; i++)
        for (int n = 0; n < FRAMES_PER_TURN_MAX; n++) {
            ssize_t size = recv(r->hairpins->links[i].socket.fd, frame, sizeof frame, MSG_DONTWAIT);
            if (size <= 0)
                break;
            take(r, i, frame, (size_t)size);
        }
}

// Asking costs a few microseconds; reminding is a packet to a router of ours.
static void keep_neighbour(struct probe_role *r, struct link *link, enum family family)
{
    struct side *side = &link->sides[family];
    struct neighbour_ask *ask = &r->hairpins->ask;
    struct address neighbour = link->is->neighbour[family];
    if (neighbour.family == FAMILY_NONE ||
        (side->asked_at.ns > 0 && mono_since_ns(r->now, side->asked_at) < ask_ns))
        return;
    bool was_known = side->is_known;
    side->asked_at = r->now;
    bool knows = neighbour_ask_mac(ask, link->socket.interface, neighbour, side->mac);
    side->is_known |= knows;
    if (side->is_known && !was_known)
        log_line("event=neighbour_found link=%s family=%s", link->is->name, family_name(family));
    if (knows && mono_since_ns(r->now, side->reminded_at) < remind_ns)
        return;
    side->reminded_at = r->now;
    neighbour_ask_remind(ask, link->socket.interface, neighbour);
}

static void read_departures(struct probe_role *r, struct link *link)
{
    struct wall left;
    while (link->departure.waits && packet_socket_departed(&link->socket, &left))
        (void)departure_told(&link->departure, (struct mono){left.ns - r->clocks.ahead_ns}, r->now);
}

// Before a packet is called lost.
static void void_own_losses(struct probe_role *r)
{
    probe_links_check(r);
    probe_links_check_drops(r);
    for (uint32_t i = 0; i < r->hairpins->link_count; i++)
        if (packet_socket_dropped(&r->hairpins->links[i].socket))
            void_link(r, i, SAMPLE_SOCKET_DROPPED);
}

static void expire(struct probe_role *r)
{
    struct probe_hairpins *h = r->hairpins;
    struct sample sample;
    if (flight_overdue(&h->flight, r->now) != FLIGHT_NOBODY)
        void_own_losses(r);
    for (uint32_t id; (id = flight_overdue(&h->flight, r->now)) != FLIGHT_NOBODY;)
        if (departure_is_in_doubt(&link_of(h, id)->departure, r->now))
            void_flow(r, id, SAMPLE_UNSEEN);
        else if (flight_expire(&h->flight, id, r->now, &sample))
            tell(r, id, &sample);
}

static void send_one(struct probe_role *r, uint32_t id)
{
    struct probe_hairpins *h = r->hairpins;
    struct link *link = link_of(h, id);
    enum family family = family_of(r, &h->flows[id]);
    struct side *side = &link->sides[family];
    if (link->is_down || !side->is_known || !flight_has_room(&h->flight, id))
        return;
    struct hairpin_link where = {
        .address = link->is->address[family],
        .source_port = h->flows[id].port,
        .label = h->flows[id].label,
    };
    memcpy(where.our_mac, link->socket.mac, HAIRPIN_MAC);
    memcpy(where.neighbour_mac, side->mac, HAIRPIN_MAC);
    struct mono now = now_mono();
    const struct hairpin_probe probe = {id, h->flows[id].flight.next, (uint64_t)now.ns};
    uint8_t frame[HAIRPIN_FRAME_MAX];
    struct writer w = writer_over(frame, sizeof frame);
    hairpin_encode(&w, &where, &probe, r->key);
    r->counts.sent++;
    flight_sent(&h->flight, id, now, probe.sent_at);
    bool asks = departure_is_due(&link->departure, now);
    if (packet_socket_send(&link->socket, frame, w.size, asks) < 0)
        void_flow(r, id, SAMPLE_SEND_FAILED);
    else if (asks)
        departure_asked(&link->departure, now);
}

void probe_hairpins_turn(struct probe_role *r)
{
    struct probe_hairpins *h = r->hairpins;
    for (uint32_t i = 0; i < h->link_count; i++)
        for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
            keep_neighbour(r, &h->links[i], family);
    for (uint32_t i = 0; i < h->link_count; i++)
        read_departures(r, &h->links[i]);
    probe_hairpins_receive(r);
    expire(r);
    for (uint32_t i = 0; i < SENDS_PER_TURN_MAX; i++) {
        uint32_t id = schedule_take(h->schedule, r->now);
        if (id == SCHEDULE_NOBODY)
            return;
        send_one(r, id);
    }
}
