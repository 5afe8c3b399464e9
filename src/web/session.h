// SPDX-License-Identifier: ISC
// Who is logged in. A session is known by 256 random bits in a cookie; what it posts also carries
// its second secret, which only a page of ours can read (CSRF). It ends an hour after its last
// request, and 12 hours after the login. What moves traffic needs a person who is there: 15 minutes
// after the last act, or the login, one logs in again (safety.md 7.3).
#pragma once

#include "base/clock.h"
#include "net/net.h"
#include "web/bucket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEB_SECRET_BYTES = 32,
    WEB_SECRET_TEXT_MAX = 2 * WEB_SECRET_BYTES + 1,
    WEB_SESSIONS_MAX = 128,
    WEB_SESSIONS_OF_USER_MAX = 8,  // a further one ends the one that was longest unused
    WEB_SESSION_S_MAX = 12 * 3600,
    WEB_SESSION_IDLE_S_MAX = 3600,
    WEB_SESSION_ACT_S_MAX = 15 * 60,
};

struct web_session {
    bool open;
    uint32_t user;  // of net.access
    uint8_t id[WEB_SECRET_BYTES], csrf[WEB_SECRET_BYTES];
    struct mono opened_at, used_at, acted_at;
    struct web_bucket requests;
};

struct web_sessions {
    struct web_session items[WEB_SESSIONS_MAX];
};

// The secrets are 2 * WEB_SECRET_BYTES of the kernel's random bytes.
struct web_session *web_session_open(struct web_sessions *sessions, uint32_t user,
                                     const uint8_t *secrets, struct mono now);
void web_session_close(struct web_session *session);
// That of an id as the cookie has it; NULL: there is none, or it is over. Takes as long for each.
struct web_session *web_session_find(struct web_sessions *sessions, const char *id,
                                     struct mono now);
// Whether it is still the one that had this id.
bool web_session_is(const struct web_session *session, const uint8_t *id, struct mono now);
bool web_session_csrf_is(const struct web_session *session, const char *given);
// What is left of `rights` now.
uint32_t web_session_rights(const struct web_session *session, uint32_t rights, struct mono now);
