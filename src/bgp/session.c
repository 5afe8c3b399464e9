// SPDX-License-Identifier: ISC
#include "bgp/session.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Timers, in words:
// - A session that dials tries again retry_ms after it ended: 1 s at first, doubling to 8 s; a
//   quarter of it is left to chance (RFC 4271 §10). It starts over after having been up for 30 s.
// - TCP has 5 s to come up.
// - The router then has 20 s for its OPEN. From there on the agreed hold time counts, anew with
// each
//   KEEPALIVE and UPDATE.
// - We send a KEEPALIVE a third of the hold time after the last.
// - Output that lies for two hold times without a byte of it being taken ends the session; without
//   a hold time, 8 minutes.

static const struct mono never = {INT64_MAX};

enum { KEEPALIVES_PER_HOLD = 3, SEND_HOLDS = 2, SEND_HOLD_S = 480 };  // RFC 9687 §3.3: 8 minutes

static void clear_timers(struct bgp_session *s)
{
    for (size_t timer = 0; timer < BGP_TIMERS; timer++)
        s->timers[timer] = never;
}

static void tell(struct bgp_session *s, struct bgp_session_event event)
{
    assert(!s->told);  // the owner draws all events after each input
    s->told = true;
    s->pending = event;
}

static void rest(struct bgp_session *s, struct mono now)
{
    clear_timers(s);
    if (!s->config.dials)
        return;
    double jittered_ms = s->retry_ms * (1 - random_unit(&s->random) / 4);
    s->timers[BGP_RETRY] = mono_add_ms(now, (int64_t)jittered_ms);
    s->retry_ms = s->retry_ms * 2 < BGP_RETRY_MAX_MS ? s->retry_ms * 2 : BGP_RETRY_MAX_MS;
}

void bgp_session_init(struct bgp_session *s, const struct bgp_session_config *config,
                      struct mono now, uint64_t seed)
{
    // What Fairlead says must expire, unless its owner knows better.
    assert(config->hold_s >= 3 || (config->hold_s == 0 && config->any_hold));
    memset(s, 0, offsetof(struct bgp_session, in));
    s->config = *config;
    s->random.state = seed;
    s->retry_ms = BGP_RETRY_MIN_MS;
    clear_timers(s);
    if (config->dials)
        s->timers[BGP_RETRY] = now;
}

// Hold time 0: neither side expects anything (RFC 4271 §4.4).
static void restart_hold(struct bgp_session *s, struct mono now)
{
    s->timers[BGP_HOLD] = s->hold_s > 0 ? mono_add_ns(now, (int64_t)s->hold_s * NS_PER_S) : never;
}

static void restart_keepalive(struct bgp_session *s, struct mono now)
{
    int64_t interval_ns = (int64_t)s->hold_s * NS_PER_S / KEEPALIVES_PER_HOLD;
    s->timers[BGP_KEEPALIVE_DUE] = s->hold_s > 0 ? mono_add_ns(now, interval_ns) : never;
}

static void restart_send_hold(struct bgp_session *s, struct mono now)
{
    int64_t hold_s = s->hold_s > 0 ? (int64_t)s->hold_s * SEND_HOLDS : SEND_HOLD_S;
    s->timers[BGP_SEND_HOLD] = mono_add_ns(now, hold_s * NS_PER_S);
}

// What is written goes to the front when that is no more than was read since the last time: so a
// byte is moved once on its way, however slowly the router reads.
static void make_room(struct bgp_session *s)
{
    size_t left = s->out_size - s->out_at;
    if (s->out_at < left)
        return;
    memmove(s->out, s->out + s->out_at, left);
    s->out_at = 0;
    s->out_size = left;
}

static bool queue(struct bgp_session *s, struct mono now, const struct bgp_bytes *what, size_t most)
{
    if (s->out_size + what->size > most)
        make_room(s);
    if (s->out_size + what->size > most)
        return false;
    if (s->out_size == s->out_at)
        restart_send_hold(s, now);
    memcpy(s->out + s->out_size, what->bytes, what->size);
    s->out_size += what->size;
    return true;
}

bool bgp_session_send(struct bgp_session *s, struct mono now, const void *bytes, size_t size)
{
    return queue(s, now, &(struct bgp_bytes){bytes, size}, BGP_OUTPUT_MAX);
}

struct writer bgp_session_writer(struct bgp_session *s)
{
    make_room(s);
    size_t used = s->out_size < BGP_OUTPUT_MAX ? s->out_size : BGP_OUTPUT_MAX;
    return writer_over(s->out + used, BGP_OUTPUT_MAX - used);
}

void bgp_session_written(struct bgp_session *s, struct mono now, const struct writer *w)
{
    assert(w->size == 0 || w->bytes == s->out + s->out_size);
    if (s->out_size == s->out_at && w->size > 0)
        restart_send_hold(s, now);
    s->out_size += w->size;
}

// What the machine itself says has room of its own behind what its owner says. If even that is full
// the router does not read, and the send hold timer is running: nothing else needs to be done.
static void say(struct bgp_session *s, struct mono now, const struct writer *w)
{
    assert(writer_ok(w));
    (void)queue(s, now, &(struct bgp_bytes){w->bytes, w->size}, sizeof s->out);
}

// As far as it can be known before the peer has said its AS.
static bool is_internal(const struct bgp_session *s)
{
    return s->config.peer_as == 0 || s->config.peer_as == s->config.asn;
}

static void send_open(struct bgp_session *s, struct mono now)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    struct bgp_open open = {
        .asn = s->config.asn,
        .id = s->config.id,
        .hold_s = s->config.hold_s,
        .as4 = true,
        .refresh = true,
        .extended_message = s->config.extended_message,
        .enhanced_refresh = s->config.enhanced_refresh,
        .next_hop_ipv6 = s->config.next_hop_ipv6 && s->config.families[FAMILY_IPV4],
        .role = is_internal(s) ? BGP_ROLE_NONE : s->config.role,
    };
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        open.families[family] = s->config.families[family];
        open.add_path[family] = s->config.families[family] ? s->config.add_path[family] : 0;
    }
    bgp_open_encode(&w, &open);
    say(s, now, &w);
}

static void send_keepalive(struct bgp_session *s, struct mono now)
{
    uint8_t bytes[BGP_HEADER_SIZE];
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_keepalive_encode(&w);
    say(s, now, &w);
    restart_keepalive(s, now);
}

// Each of these is what an action does; the state is still the one before.
static void open_connection(struct bgp_session *s, struct mono now)
{
    s->in_at = s->in_size = s->out_at = s->out_size = 0;
    s->hold_s = s->config.hold_s;  // until agreed on: for the send hold timer
    uint32_t peer_as = s->config.peer_as == BGP_AS_ANY ? 0 : s->config.peer_as;
    s->context = (struct bgp_context){
        .peer = is_internal(s) ? BGP_INTERNAL : BGP_EXTERNAL,
        .state = BGP_STATE_OPENSENT,
        .peer_as = is_internal(s) ? s->config.asn : peer_as,
        .role = is_internal(s) ? BGP_ROLE_NONE : s->config.role,
        .local_as = s->config.asn,
        .local_id = s->config.id,
    };
    clear_timers(s);
    s->timers[BGP_HOLD] = mono_add_ms(now, BGP_OPEN_WAIT_MS);
    send_open(s, now);
}

static void confirm(struct bgp_session *s, struct mono now)
{
    s->context.state = BGP_STATE_OPENCONFIRM;
    restart_hold(s, now);
    send_keepalive(s, now);
    tell(s, (struct bgp_session_event){.kind = BGP_EVENT_OPENED});
}

static void go_up(struct bgp_session *s, struct mono now)
{
    s->context.state = BGP_STATE_ESTABLISHED;
    s->up_since = now;
    restart_hold(s, now);
    tell(s, (struct bgp_session_event){.kind = BGP_EVENT_UP});
}

static void pass_on(struct bgp_session *s, struct mono now)
{
    restart_hold(s, now);
    tell(s, (struct bgp_session_event){
                .kind = s->message.header.type == BGP_UPDATE ? BGP_EVENT_UPDATE : BGP_EVENT_REFRESH,
                .message = &s->message,
                .verdict = &s->verdict,
            });
}

static void close_connection(struct bgp_session *s, struct mono now)
{
    bool was_up = s->state == BGP_ESTABLISHED;
    if (was_up && mono_since_ns(now, s->up_since) >= (int64_t)BGP_STABLE_MS * NS_PER_MS)
        s->retry_ms = BGP_RETRY_MIN_MS;
    rest(s, now);
    tell(s, (struct bgp_session_event){
                .kind = BGP_EVENT_DOWN,
                .was_up = was_up,
                .reason = s->reason,
                .message = s->unfit ? &s->message : NULL,
                .verdict = s->unfit ? &s->verdict : NULL,
            });
    s->unfit = false;
}

static void notify(struct bgp_session *s, struct mono now)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    bgp_notification_encode(&w, &s->verdict);
    say(s, now, &w);
    close_connection(s, now);
}

static void dial(struct bgp_session *s, struct mono now)
{
    s->timers[BGP_RETRY] = mono_add_ms(now, BGP_CONNECT_MS);
    tell(s, (struct bgp_session_event){.kind = BGP_EVENT_DIAL});
}

static void do_nothing(struct bgp_session *s, struct mono now)
{
    (void)s;
    (void)now;
}

// The only place where the state changes.
static void feed(struct bgp_session *s, enum bgp_fact fact, struct mono now)
{
    static void (*const actions[])(struct bgp_session * s, struct mono now) = {
        [BGP_DO_NOTHING] = do_nothing,   [BGP_DO_DIAL] = dial,
        [BGP_DO_OPEN] = open_connection, [BGP_DO_CONFIRM] = confirm,
        [BGP_DO_GO_UP] = go_up,          [BGP_DO_LISTEN] = restart_hold,
        [BGP_DO_TELL] = pass_on,         [BGP_DO_CLOSE] = close_connection,
        [BGP_DO_NOTIFY] = notify,
    };
    struct bgp_transition transition = bgp_transition(s->state, fact);
    assert(transition.action != BGP_NOT_THERE);
    actions[transition.action](s, now);
    s->state = transition.next;
}

static void explain(struct bgp_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void explain(struct bgp_session *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(s->reason, sizeof s->reason, format, arguments);
    va_end(arguments);
    utf8_trim(s->reason);
}

// "we say OPEN Message Error/Bad Peer AS: AS is 65001, not 64500"
static void refuse(struct bgp_session *s, enum bgp_fact fact, struct mono now)
{
    char name[BGP_REASON_MAX];
    explain(s, "we say %s: %s",
            bgp_error_name(s->verdict.code, s->verdict.subcode, name, sizeof name),
            s->verdict.reason);
    feed(s, fact, now);
}

void bgp_session_connected(struct bgp_session *s, struct mono now)
{
    feed(s, BGP_FACT_CONNECTED, now);
}

void bgp_session_closed(struct bgp_session *s, struct mono now, const char *why)
{
    if (s->state == BGP_IDLE)
        return;
    explain(s, "in %s: %s", bgp_session_state_name(s->state), why);
    feed(s, BGP_FACT_CLOSED, now);
}

void bgp_session_received(struct bgp_session *s, size_t size)
{
    assert(size <= sizeof s->in - s->in_size);
    s->in_size += size;
}

uint8_t *bgp_session_room(struct bgp_session *s, size_t *size)
{
    memmove(s->in, s->in + s->in_at, s->in_size - s->in_at);
    s->in_size -= s->in_at;
    s->in_at = 0;
    *size = sizeof s->in - s->in_size;
    return s->in + s->in_size;
}

static bool expired(const struct bgp_session *s, enum bgp_timer timer, struct mono now)
{
    return mono_reached(now, s->timers[timer]);
}

static void retry_expired(struct bgp_session *s, struct mono now)
{
    if (s->state == BGP_IDLE) {
        feed(s, BGP_FACT_START, now);
        return;
    }
    explain(s, "no answer within %d s", BGP_CONNECT_MS / 1000);
    feed(s, BGP_FACT_CLOSED, now);
}

void bgp_session_time(struct bgp_session *s, struct mono now)
{
    if (expired(s, BGP_RETRY, now)) {
        retry_expired(s, now);
    } else if (expired(s, BGP_HOLD, now)) {
        const char *what = s->state == BGP_OPENSENT ? "no OPEN came" : "the router is silent";
        s->verdict = bgp_reset(BGP_HOLD_TIMER_EXPIRED, 0, 0, "RFC 4271 §6.5", "%s", what);
        refuse(s, BGP_FACT_HOLD_EXPIRED, now);
    } else if (expired(s, BGP_SEND_HOLD, now)) {
        s->verdict =
            bgp_reset(BGP_SEND_HOLD_EXPIRED, 0, 0, "RFC 9687 §4", "the router does not read");
        refuse(s, BGP_FACT_SEND_EXPIRED, now);
    } else if (expired(s, BGP_KEEPALIVE_DUE, now)) {
        send_keepalive(s, now);
    }
}

void bgp_session_stop(struct bgp_session *s, struct mono now, uint8_t subcode, const char *text)
{
    if (s->state > BGP_CONNECT) {
        uint8_t bytes[BGP_MESSAGE_MAX];
        struct writer w = writer_over(bytes, sizeof bytes);
        bgp_cease_encode(&w, subcode, text);
        say(s, now, &w);
    }
    explain(s, "%s", text);
    feed(s, BGP_FACT_STOP, now);
}

struct mono bgp_session_deadline(const struct bgp_session *s)
{
    struct mono first = never;
    for (size_t timer = 0; timer < BGP_TIMERS; timer++) {
        if (s->timers[timer].ns < first.ns)
            first = s->timers[timer];
    }
    return first;
}

const uint8_t *bgp_session_output(const struct bgp_session *s, size_t *size)
{
    *size = s->out_size - s->out_at;
    return s->out + s->out_at;
}

void bgp_session_sent(struct bgp_session *s, struct mono now, size_t size)
{
    assert(size <= s->out_size - s->out_at);
    s->out_at += size;
    bool empty = s->out_at == s->out_size;
    if (empty)
        s->out_at = s->out_size = 0;
    if (empty || s->state <= BGP_CONNECT)
        s->timers[BGP_SEND_HOLD] = never;
    else if (size > 0)
        restart_send_hold(s, now);
}

// RFC 4271 §4.2, RFC 5492 §3, RFC 7911 §4: what both sides have.
static void agree(struct bgp_session *s)
{
    const struct bgp_open *peer = &s->peer;
    s->hold_s = peer->hold_s < s->config.hold_s ? peer->hold_s : s->config.hold_s;
    s->context.as4 = peer->as4;
    s->context.extended_message = s->config.extended_message && peer->extended_message;
    s->context.enhanced_refresh = s->config.enhanced_refresh && peer->enhanced_refresh;
    // RFC 4271 §1: who has our AS is internal, also where any was welcome.
    s->context.peer = peer->asn == s->config.asn ? BGP_INTERNAL : BGP_EXTERNAL;
    s->context.peer_as = peer->asn;
    s->context.role_agreed = s->context.peer == BGP_EXTERNAL && s->context.role != BGP_ROLE_NONE &&
                             peer->role != BGP_ROLE_NONE;  // that it fits was asked before
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        bool both = s->config.families[family] && peer->families[family];
        s->context.families[family] = both;
        uint8_t ours = both ? s->config.add_path[family] : 0, theirs = peer->add_path[family];
        s->context.add_path[family] = ours & BGP_ADD_PATH_RECEIVE && theirs & BGP_ADD_PATH_SEND;
        s->context.add_path_send[family] =
            ours & BGP_ADD_PATH_SEND && theirs & BGP_ADD_PATH_RECEIVE;
    }
    s->context.next_hop_ipv6 =
        s->config.next_hop_ipv6 && peer->next_hop_ipv6 && s->context.families[FAMILY_IPV4];
}

static void hear_open(struct bgp_session *s, struct mono now)
{
    enum { BAD_ID = 3, UNACCEPTABLE_HOLD = 6, UNSUPPORTED_CAPABILITY = 7 };
    s->peer = s->message.open;
    agree(s);
    if (s->context.peer == BGP_INTERNAL && s->peer.id == s->config.id)
        s->verdict =
            bgp_reset(BGP_OPEN_ERROR, BAD_ID, 24, "RFC 6286 §2.2", "BGP identifier is our own");
    else if (s->hold_s == 0 && !s->config.any_hold)
        s->verdict = bgp_reset(BGP_OPEN_ERROR, UNACCEPTABLE_HOLD, 22, "RFC 4271 §6.2",
                               "without a hold time our routes would outlive us");
    else if (!s->context.families[FAMILY_IPV4] && !s->context.families[FAMILY_IPV6])
        s->verdict = bgp_reset(BGP_OPEN_ERROR, UNSUPPORTED_CAPABILITY, 28, "RFC 5492 §5",
                               "no address family in common");
    else if (s->config.judge)
        s->verdict = s->config.judge(s->config.judge_context, &s->peer);
    if (s->verdict.remedy == BGP_SESSION_RESET)
        refuse(s, BGP_FACT_BAD, now);
    else
        feed(s, BGP_FACT_OPEN, now);
}

static void hear_notification(struct bgp_session *s, struct mono now)
{
    const struct bgp_notification *n = &s->message.notification;
    char name[BGP_REASON_MAX / 2], text[BGP_TEXT_MAX] = "";
    if (s->message.decoded)
        bgp_error_name(n->code, n->subcode, name, sizeof name);
    else
        snprintf(name, sizeof name, "%s", s->verdict.reason);
    if (s->message.decoded && n->text)
        bgp_notification_text(n, text);
    explain(s, "the router says %s%s%s", name, *text ? ": " : "", text);
    feed(s, BGP_FACT_NOTIFICATION, now);
}

static void hear(struct bgp_session *s, struct mono now)
{
    s->unfit = s->verdict.remedy == BGP_SESSION_RESET;
    if (s->unfit)
        refuse(s, BGP_FACT_BAD, now);
    else if (s->message.header.type == BGP_NOTIFICATION)
        hear_notification(s, now);
    else if (s->message.header.type == BGP_OPEN)
        hear_open(s, now);
    else if (s->message.header.type == BGP_KEEPALIVE)
        feed(s, BGP_FACT_KEEPALIVE, now);
    else
        feed(s, BGP_FACT_UPDATE, now);
}

// Takes the next whole message out of the input; false when it is not there yet. A header that is
// wrong is answered at once: its body may never come.
static bool take_message(struct bgp_session *s)
{
    struct cursor in = cursor_over(s->in + s->in_at, s->in_size - s->in_at);
    if (s->state <= BGP_CONNECT || cursor_left(&in) < BGP_HEADER_SIZE)
        return false;
    s->verdict = bgp_header_decode(in, &s->context, &s->message.header);
    if (s->verdict.remedy != BGP_ACCEPT)
        return true;
    uint16_t size = s->message.header.size;
    if (cursor_left(&in) < size)
        return false;
    s->verdict = bgp_body_decode(cursor_part(&in, size), &s->context, &s->message);
    s->in_at += size;
    return true;
}

bool bgp_session_next(struct bgp_session *s, struct mono now, struct bgp_session_event *event)
{
    while (!s->told && take_message(s))
        hear(s, now);
    if (!s->told)
        return false;
    s->told = false;
    *event = s->pending;
    return true;
}
