// SPDX-License-Identifier: ISC
#include "probe/reflector.h"

#include "base/writer.h"

#include <stdlib.h>

enum { WAYS = 8 };  // places that a session may take: sets this wide fill evenly
// How far ahead of its rate a reflector may get: senders come in bunches.
enum { BURST_NS = 100 * NS_PER_MS };

struct slot {
    struct reflector_session session;  // FAMILY_NONE: nobody's
    uint32_t next;
    struct mono heard_at;
};

struct reflector {
    struct siphash_key key;
    struct slot *slots;
    uint32_t set_count;
    int64_t gap_ns;        // between answers at the highest rate
    struct mono ahead_to;  // the time by which the answers so far would be due
};

struct reflector *reflector_new(uint32_t session_count_max, uint32_t rate_max_pps,
                                struct siphash_key key)
{
    uint32_t sets = session_count_max / WAYS > 0 ? session_count_max / WAYS : 1;
    struct reflector *r = calloc(1, sizeof *r);
    struct slot *slots = calloc((size_t)sets * WAYS, sizeof *slots);
    if (!r || !slots) {
        free(slots);
        free(r);
        return NULL;
    }
    *r = (struct reflector){
        .key = key,
        .slots = slots,
        .set_count = sets,
        .gap_ns = NS_PER_S / (rate_max_pps > 0 ? rate_max_pps : 1),
    };
    return r;
}

void reflector_free(struct reflector *r)
{
    if (!r)
        return;
    free(r->slots);
    free(r);
}

bool reflector_may_answer(struct reflector *r, struct mono now)
{
    if (r->ahead_to.ns < now.ns)
        r->ahead_to = now;
    if (mono_since_ns(r->ahead_to, now) > BURST_NS)
        return false;
    r->ahead_to = mono_add_ns(r->ahead_to, r->gap_ns);
    return true;
}

static struct slot *set_of(const struct reflector *r, const struct reflector_session *session)
{
    uint8_t bytes[24];
    struct writer w = writer_over(bytes, sizeof bytes);
    writer_u8(&w, (uint8_t)session->address.family);
    writer_bytes(&w, session->address.bytes, sizeof session->address.bytes);
    writer_be16(&w, session->port);
    writer_be16(&w, session->ssid);
    return &r->slots[siphash(r->key, bytes, w.size) % r->set_count * WAYS];
}

static bool same(const struct reflector_session *a, const struct reflector_session *b)
{
    return a->port == b->port && a->ssid == b->ssid && address_equal(a->address, b->address);
}

static bool is_free(const struct slot *slot, struct mono now)
{
    return slot->session.address.family == FAMILY_NONE ||
           mono_since_ns(now, slot->heard_at) > (int64_t)REFLECTOR_FORGET_S * NS_PER_S;
}

bool reflector_count(struct reflector *r, struct reflector_session session, struct mono now,
                     uint32_t *sequence)
{
    struct slot *set = set_of(r, &session), *slot = NULL;
    for (struct slot *s = set; s < set + WAYS; s++) {
        if (same(&s->session, &session)) {
            slot = s;
            break;
        }
        if (!slot && is_free(s, now))
            slot = s;
    }
    if (!slot)
        return false;
    if (is_free(slot, now))
        *slot = (struct slot){.session = session};
    slot->heard_at = now;
    *sequence = slot->next++;
    return true;
}
