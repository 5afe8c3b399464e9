// SPDX-License-Identifier: ISC
// Any sequence of events that can be written down: the engine neither breaks nor says what cannot
// be written down, withdraws only what it announced, and never announces twice.
#include "engine/engine.h"
#include "engine/message.h"
#include "engine/small_alert.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ROUTERS = 2, PREFIXES = 4 };

struct input {
    const uint8_t *bytes;
    size_t size;
};

static uint32_t take(struct input *in, uint32_t below)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->bytes++ % below;
}

static struct prefix a_prefix(struct input *in)
{
    static const char *const texts[PREFIXES] = {"203.0.113.0/24", "10.0.0.0/8", "2001:db8:f::/48",
                                                "0.0.0.0/0"};
    return small_prefix(texts[take(in, PREFIXES)]);
}

// One count of many sizes.
static uint32_t a_count(struct input *in)
{
    static const uint32_t counts[] = {0, 0, 1, 3, 10, 100, 5000, UINT32_MAX};
    return counts[take(in, 8)];
}

static int64_t a_time(struct input *in)
{
    static const int64_t times[] = {0, 0, 10, 50, 100, 300, 1000, 60000, 3600000, -5};
    uint32_t which = take(in, 12);
    return which == 10 ? INT64_MAX : which == 11 ? INT64_MIN : times[which] * NS_PER_MS;
}

static void fill_change(struct input *in, struct event *event)
{
    if (event->kind == EVENT_CHANGE) {
        event->change = (struct change){.source = take(in, CHANGE_SOURCES), .what = "caf\xc3\xa9"};
        event->change.devices.words[0] = take(in, 1 << ROUTERS);
        event->change.done_at.ns = a_time(in);
    }
    if (event->kind == EVENT_ODD)
        event->odd = (struct change_odd){.source = take(in, CHANGE_SOURCES), .id = "1"};
}

// Of people.
static void fill_words(struct input *in, struct event *event)
{
    if (event->kind == EVENT_ASKED)
        event->asked =
            (struct event_asked){take(in, ASKED_KINDS),
                                 take(in, 3),
                                 "caf\xc3\xa9",
                                 {take(in, NET_OBJECT_KINDS + 1), take(in, 2), take(in, 2)},
                                 {a_time(in)},
                                 take(in, 8),
                                 0,
                                 "why"};
    if (event->kind == EVENT_MAINTENANCE)
        event->maintenance = (struct event_maintenance){
            .id = {(char)('a' + take(in, 2))},
            .sequence = take(in, 3),
            .object = {take(in, NET_OBJECT_KINDS + 1), take(in, 2), take(in, 2)},
            .from = {a_time(in)},
            .until = {a_time(in)},
            .over = take(in, 4) == 0,
            .hurts = take(in, 4) > 0,
            .text = "caf\xc3\xa9"};
}

static void fill_page(struct input *in, struct event *event)
{
    if (event->kind == EVENT_ZONE)
        event->zone = (struct event_zone){0, {a_time(in)}, a_time(in), a_time(in)};
    if (event->kind == EVENT_DELIVERY)
        event->delivery = (struct event_delivery){take(in, 8), 0, take(in, DELIVERY_STATES), ""};
}

static void fill(struct input *in, struct event *event)
{
    if (event->kind == EVENT_TALLY)
        event->tally = (struct event_tally){.path = take(in, 6),
                                            .target = take(in, 3),
                                            .ok = a_count(in),
                                            .lost = a_count(in),
                                            .voided = a_count(in),
                                            .late = a_count(in),
                                            .rtt_p50_ns = a_time(in)};
    if (event->kind == EVENT_SIGNAL) {
        event->signal = (struct signal){.kind = take(in, SIGNAL_KINDS), .path = take(in, 6)};
        event->signal.began_at.ns = a_time(in);
        event->signal.evidence.samples = a_count(in);
        event->signal.evidence.lost = a_count(in);
        event->signal.evidence.loss_ppm = a_count(in);
    }
    if (event->kind == EVENT_SESSION)
        event->session = (struct event_session){take(in, ROUTERS), take(in, SESSION_STATES),
                                                take(in, FAMILIES), ""};
    if (event->kind == EVENT_ROUTE)
        event->route = (struct event_route){take(in, ROUTERS), take(in, 2), a_prefix(in),
                                            take(in, 4) > 0, take(in, 2) > 0};
    if (event->kind == EVENT_OVERRIDE)
        event->override = (struct event_override){take(in, ROUTERS), take(in, 2), a_prefix(in),
                                                  take(in, OVERRIDE_STATES), "S4: \xc3\xa9"};
    if (event->kind == EVENT_ROLE)
        event->role = (struct event_role_change){take(in, ROLES), take(in, ROLE_STATES), ""};
    if (event->kind == EVENT_NOTICE) {
        event->notice = (struct notice){.kind = take(in, NOTICE_KINDS),
                                        .raised = take(in, 2) > 0,
                                        .router = take(in, 2) > 0 ? take(in, ROUTERS) : NET_NOBODY,
                                        .prefix = a_prefix(in),
                                        .text = "caf\xc3\xa9"};
        event->notice.since.ns = a_time(in);
    }
    if (event->kind == EVENT_FAULT) {
        event->fault = (struct fault){.number = take(in, 64),
                                      .state = take(in, FAULT_STATES),
                                      .symptom = take(in, FAULT_SYMPTOMS),
                                      .words = "caf\xc3\xa9"};
        event->fault.began_at.ns = a_time(in);
        event->fault.part.upstream = take(in, 2);
        event->fault.part.bucket = (int32_t)take(in, 3) - 1;
        event->fault.part.protocol = (int32_t)take(in, NET_PROTOCOLS + 1) - 1;
    }
    if (event->kind == EVENT_USE)
        event->use = (struct event_use){take(in, 3), a_time(in), a_time(in)};
    if (event->kind == EVENT_ORIGIN)
        event->origin = (struct event_origin){take(in, 3), take(in, FAMILIES), a_count(in)};
    if (event->kind == EVENT_RATE)
        event->rate = (struct rate){take(in, 6), a_count(in), a_count(in), 0, 0, a_time(in), 0, 0};
    if (event->kind == EVENT_DEMAND)
        event->demand = (struct event_demand){a_prefix(in), a_time(in)};
    if (event->kind == EVENT_HOOK)
        event->hook = (struct event_hook){take(in, 2), take(in, 4), take(in, 2) > 0,
                                          take(in, HOOK_STATES), "caf"};
    if (event->kind == EVENT_HEALTH)
        event->health = (struct event_health){take(in, 2), take(in, 2) > 0, ""};
    fill_change(in, event);
    fill_words(in, event);
    fill_page(in, event);
    if (event->kind == EVENT_COMMAND)
        event->command = take(in, COMMANDS);
}

// What the engine has ordered and not taken back, for each router.
struct ordered {
    uint32_t count;
    struct prefix prefixes[ROUTERS][PREFIXES];
    uint32_t counts[ROUTERS];
};

static uint32_t find(const struct ordered *o, uint32_t router, struct prefix prefix)
{
    uint32_t i = 0;
    while (i < o->counts[router] && !prefix_equal(o->prefixes[router][i], prefix))
        i++;
    return i;
}

// Route says that it stands, which nobody ordered, or no more.
static bool is_stray(const struct event *event, const struct effect *effect)
{
    const struct event_override *told = &event->override;
    return event->kind == EVENT_OVERRIDE && told->state == OVERRIDE_ANNOUNCED &&
           told->router == effect->override.router && told->upstream == effect->override.upstream &&
           prefix_equal(told->prefix, effect->override.prefix);
}

static void check_order(struct ordered *o, const struct event *event, const struct effect *effect)
{
    if (effect->kind == EFFECT_RELEASE)
        *o = (struct ordered){0};
    if (effect->kind != EFFECT_ANNOUNCE && effect->kind != EFFECT_WITHDRAW)
        return;
    uint32_t r = effect->override.router, i = find(o, r, effect->override.prefix);
    if (effect->kind == EFFECT_ANNOUNCE) {
        assert(effect->override.prefix.length >= 8);  // S5
        if (i == o->counts[r])
            o->prefixes[r][o->counts[r]++] = effect->override.prefix;
    }
    if (effect->kind == EFFECT_WITHDRAW)
        assert(i < o->counts[r] || is_stray(event, effect));  // S7
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input in = {bytes, size};
    struct net net = small_net();
    small_announce(&net);
    net.steer.inbound = true;
    for (uint32_t u = 0; u < net.upstream_count; u++)
        net.upstreams[u].inbound[NET_STANCE_GRACEFUL].kind = NET_TAG_STANDARD;
    small_alert(&net);
    // Short times: few bytes must be enough to come to a decision.
    net.steer.quiet_start_ns = net.steer.healthy_min_ns = net.steer.hold_min_ns = NS_PER_S;
    struct engine *engine = engine_new(&net);
    struct ordered ordered = {0};
    int64_t now = 0;
    while (engine && in.size > 0) {
        struct event event = {.kind = EVENT_START + take(&in, EVENT_KINDS - EVENT_START)};
        int64_t step = a_time(&in);
        now = step > 0 && now < INT64_MAX - step ? now + step : now;
        event.at.ns = step < 0 ? step : now;
        fill(&in, &event);
        size_t count;
        const struct effect *effects = engine_step(engine, &event, &count);
        for (size_t i = 0; i < count; i++) {
            char text[MESSAGE_MAX];
            assert(message_from_effect(&net, &effects[i], text, sizeof text) > 0);
            check_order(&ordered, &event, &effects[i]);
        }
    }
    static const size_t room = 1 << 16;
    char *text = malloc(room);
    if (engine && text)
        assert(engine_status_json(engine, (struct mono){now}, text, room) > 0);
    free(text);
    engine_free(engine);
    return 0;
}
