// SPDX-License-Identifier: ISC
#include "web/session.h"

#include "net/rights.h"
#include "web/hex.h"

#include <nettle/memops.h>
#include <string.h>

static bool older_than(struct mono at, int64_t limit_s, struct mono now)
{
    return mono_since_ns(now, at) >= limit_s * NS_PER_S;
}

static bool is_over(const struct web_session *session, struct mono now)
{
    return !session->open || older_than(session->opened_at, WEB_SESSION_S_MAX, now) ||
           older_than(session->used_at, WEB_SESSION_IDLE_S_MAX, now);
}

// A free place; where the user has all, or nobody any, that of the session longest unused.
static struct web_session *find_place(struct web_sessions *sessions, uint32_t user, struct mono now)
{
    struct web_session *free = NULL, *oldest = NULL, *own = NULL;
    uint32_t own_count = 0;
    for (uint32_t i = 0; i < WEB_SESSIONS_MAX; i++) {
        struct web_session *session = &sessions->items[i];
        if (is_over(session, now)) {
            free = session;
            continue;
        }
        if (!oldest || session->used_at.ns < oldest->used_at.ns)
            oldest = session;
        if (session->user != user)
            continue;
        own_count++;
        if (!own || session->used_at.ns < own->used_at.ns)
            own = session;
    }
    return own_count >= WEB_SESSIONS_OF_USER_MAX ? own : free ? free : oldest;
}

struct web_session *web_session_open(struct web_sessions *sessions, uint32_t user,
                                     const uint8_t *secrets, struct mono now)
{
    struct web_session *session = find_place(sessions, user, now);
    *session = (struct web_session){
        .open = true, .user = user, .opened_at = now, .used_at = now, .acted_at = now};
    memcpy(session->id, secrets, sizeof session->id);
    memcpy(session->csrf, secrets + sizeof session->id, sizeof session->csrf);
    return session;
}

void web_session_close(struct web_session *session)
{
    *session = (struct web_session){0};
}

struct web_session *web_session_find(struct web_sessions *sessions, const char *id, struct mono now)
{
    uint8_t bytes[WEB_SECRET_BYTES];
    struct web_session *found = NULL;
    if (!web_hex_read(id, bytes, sizeof bytes))
        return NULL;
    for (uint32_t i = 0; i < WEB_SESSIONS_MAX; i++) {
        struct web_session *session = &sessions->items[i];
        bool same = memeql_sec(session->id, bytes, sizeof bytes);
        if (same && !is_over(session, now))
            found = session;
    }
    return found;
}

bool web_session_is(const struct web_session *session, const uint8_t *id, struct mono now)
{
    return !is_over(session, now) && memeql_sec(session->id, id, sizeof session->id);
}

bool web_session_csrf_is(const struct web_session *session, const char *given)
{
    uint8_t bytes[WEB_SECRET_BYTES];
    return given && web_hex_read(given, bytes, sizeof bytes) &&
           memeql_sec(session->csrf, bytes, sizeof bytes);
}

uint32_t web_session_rights(const struct web_session *session, uint32_t rights, struct mono now)
{
    return older_than(session->acted_at, WEB_SESSION_ACT_S_MAX, now)
               ? rights & ~(uint32_t)(RIGHT_ACT | RIGHT_ADMIN)
               : rights;
}
