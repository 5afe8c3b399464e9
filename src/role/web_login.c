// SPDX-License-Identifier: ISC
#include "role/web_login.h"

#include "role/channel.h"
#include "role/log.h"
#include "role/now.h"
#include "role/password.h"
#include "web/caller.h"
#include "web/credential.h"
#include "web/entry.h"
#include "web/hex.h"
#include "web/throttle.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

// A page asks for a dozen things at once, and then once a second.
static const struct web_rate of_session_rate = {.interval_ns = 50ll * NS_PER_MS, .burst = 100};
static const struct web_rate of_token_rate = {.interval_ns = 50ll * NS_PER_MS, .burst = 40};

struct web_login {
    const struct net *net;
    int channel;  // to the engine's process; -1: none
    bool secure;  // cookies go by TLS only
    struct web_sessions sessions;
    struct web_throttle throttle;
    struct web_bucket tokens[NET_TOKENS_MAX];
};

struct web_login *web_login_new(const struct net *net, bool secure, int channel)
{
    struct web_login *login = calloc(1, sizeof *login);
    if (!login)
        return NULL;
    login->net = net;
    login->channel = channel;
    login->secure = secure || strncmp(net->access.url, "https://", 8) == 0;
    if (getrandom(&login->throttle.key, sizeof login->throttle.key, 0) ==
        (ssize_t)sizeof login->throttle.key)
        return login;
    free(login);
    return NULL;
}

void web_login_free(struct web_login *login)
{
    free(login);
}

// With "__Host-" a browser takes it from this very host and by TLS only (RFC 6265bis §4.1.3.2).
static const char *cookie_name(const struct web_login *login)
{
    return login->secure ? "__Host-fairlead" : "fairlead";
}

static bool anybody_is_known(const struct web_login *login)
{
    return login->net->access.user_count + login->net->access.token_count > 0;
}

// ---- who it is from

static bool is_by_our_page(const struct web_login *login, const struct web_request *request)
{
    return !request->origin || web_origin_is(request->origin, request->host) ||
           strcasecmp(request->origin, login->net->access.url) == 0;
}

static struct web_person nobody(enum web_lack lack)
{
    return (struct web_person){.lack = lack};
}

static struct web_person of_token(struct web_login *login, const char *token, struct mono now)
{
    const struct net_access *access = &login->net->access;
    uint32_t found = web_token_find(access, token, now_wall());
    if (found == NET_NOBODY)
        return nobody(WEB_LACKS_TOKEN);
    if (web_bucket_wait_ns(&login->tokens[found], of_token_rate, now) > 0)
        return nobody(WEB_LACKS_RATE);
    web_bucket_take(&login->tokens[found], of_token_rate, now);
    struct web_person person = {.rights = access->tokens[found].rights,
                                .pass = {.until_s = access->tokens[found].until_s}};
    memcpy(person.name, access->tokens[found].name, sizeof person.name);
    return person;
}

static struct web_person person_in(const struct web_login *login, const struct web_session *session,
                                   struct mono now)
{
    const struct net_user *user = &login->net->access.users[session->user];
    struct web_person person = {.rights = web_session_rights(session, user->rights, now),
                                .session = session,
                                .pass = {.session = session}};
    memcpy(person.pass.id, session->id, sizeof person.pass.id);
    person.lack = person.rights == user->rights ? WEB_LACKS_NOTHING : WEB_LACKS_TIME;
    memcpy(person.name, user->name, sizeof person.name);
    return person;
}

static struct web_person of_session(struct web_login *login, const struct web_request *request,
                                    struct mono now)
{
    char id[WEB_SECRET_TEXT_MAX];
    struct web_session *session = NULL;
    if (request->cookie && web_cookie_find(request->cookie, cookie_name(login), id, sizeof id))
        session = web_session_find(&login->sessions, id, now);
    if (!session)
        return nobody(WEB_LACKS_LOGIN);
    if (web_bucket_wait_ns(&session->requests, of_session_rate, now) > 0)
        return nobody(WEB_LACKS_RATE);
    web_bucket_take(&session->requests, of_session_rate, now);
    session->used_at = now;
    bool posts = request->method != WEB_GET;
    if (posts && !(is_by_our_page(login, request) && web_session_csrf_is(session, request->csrf)))
        return nobody(WEB_LACKS_CSRF);
    struct web_person person = person_in(login, session, now);
    if (posts && person.lack == WEB_LACKS_NOTHING)
        session->acted_at = now;
    return person;
}

struct web_person web_person_of(struct web_login *login, const struct web_request *request,
                                struct mono now)
{
    const char *token = request->authorization ? web_bearer(request->authorization) : NULL;
    if (!anybody_is_known(login))
        return (struct web_person){.rights = RIGHT_READ};
    return token ? of_token(login, token, now) : of_session(login, request, now);
}

bool web_login_holds(const struct web_pass *pass, struct mono now)
{
    if (pass->session)
        return web_session_is(pass->session, pass->id, now);
    return pass->until_s == 0 || now_wall().ns / NS_PER_S < pass->until_s;
}

struct web_answer web_login_refuse(const struct web_person *person, uint32_t rights)
{
    static const struct {
        unsigned status;
        const char *text;
    } lacks[WEB_LACKS] = {
        [WEB_LACKS_NOTHING] = {MHD_HTTP_FORBIDDEN, ""},
        [WEB_LACKS_LOGIN] = {MHD_HTTP_UNAUTHORIZED,
                             "who are you: log in, or send 'Authorization: Bearer TOKEN'"},
        [WEB_LACKS_TOKEN] = {MHD_HTTP_UNAUTHORIZED,
                             "the token is none of access.tokens, or its time is over"},
        [WEB_LACKS_CSRF] = {MHD_HTTP_FORBIDDEN,
                            "send X-Fairlead-Csrf with the csrf of /api/v1/session, from a page of "
                            "this host"},
        [WEB_LACKS_RATE] = {MHD_HTTP_TOO_MANY_REQUESTS, "too many requests: at most 20 a second"},
        [WEB_LACKS_TIME] = {MHD_HTTP_FORBIDDEN, "15 minutes without an act: log in again to go on"},
    };
    char text[128];
    uint32_t missing = rights & ~person->rights, bit = 0;
    while (bit < RIGHT_COUNT - 1 && !(missing & 1u << bit))
        bit++;
    if (person->lack == WEB_LACKS_NOTHING && !person->name[0])
        snprintf(text, sizeof text, "nobody acts here: write access.users of fairlead.yaml(5)");
    else
        snprintf(text, sizeof text, "%s may not: that takes the right '%s'", person->name,
                 right_names[bit]);
    bool may_never = person->lack == WEB_LACKS_NOTHING;
    struct web_answer answer =
        web_error(lacks[person->lack].status, may_never ? text : lacks[person->lack].text);
    answer.retry_after_s = person->lack == WEB_LACKS_RATE;
    return answer;
}

// ---- who one is

struct web_answer web_session_answer(const struct web_login *login, const struct web_person *person,
                                     struct mono now)
{
    char csrf[WEB_SECRET_TEXT_MAX] = "";
    int64_t act_s = 0;
    uint32_t asleep = 0;
    if (person->session) {
        asleep = login->net->access.users[person->session->user].rights & ~person->rights;
        web_hex_write(person->session->csrf, WEB_SECRET_BYTES, csrf);
        act_s = WEB_SESSION_ACT_S_MAX -
                mono_since_ns(now, person->session->acted_at) / (int64_t)NS_PER_S;
    }
    return web_json(MHD_HTTP_OK,
                    json_pack("{s:s, s:o, s:o, s:s, s:s, s:I}", "name", person->name, "rights",
                              web_rights_json(person->rights), "asleep", web_rights_json(asleep),
                              "csrf", csrf, "login", anybody_is_known(login) ? "password" : "none",
                              "act_s", (json_int_t)(act_s > 0 ? act_s : 0)));
}

static void set_cookie(const struct web_login *login, const char *value, int max_age_s,
                       struct web_answer *answer)
{
    snprintf(answer->cookie, sizeof answer->cookie,
             "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", cookie_name(login), value,
             max_age_s, login->secure ? "; Secure" : "");
}

// ---- to come and go

struct credentials {
    json_t *body;
    const char *name, *password;  // in `body`
    uint32_t user;                // NET_NOBODY: there is none of that name
};

static bool read_credentials(const struct web_login *login, const struct web_request *request,
                             struct credentials *c)
{
    const struct net_access *access = &login->net->access;
    *c = (struct credentials){.user = NET_NOBODY};
    c->body = json_loadb(request->body ? request->body : "", request->body_size,
                         JSON_REJECT_DUPLICATES, NULL);
    if (json_unpack(c->body, "{s:s, s:s !}", "name", &c->name, "password", &c->password) != 0 ||
        strlen(c->password) >= PASSWORD_MAX)
        return false;
    for (uint32_t i = 0; i < access->user_count; i++)
        if (strcmp(access->users[i].name, c->name) == 0)
            c->user = i;
    return true;
}

// A name that nobody has is not told: people type their password there. What the engine's process
// has no room for now stands in the log only.
static void tell(const struct web_login *login, uint32_t user, const struct address *from,
                 enum web_entry_kind kind)
{
    struct web_entry entry = {.kind = kind};
    char text[WEB_ENTRY_BYTES_MAX];
    if (user != NET_NOBODY)
        memcpy(entry.name, login->net->access.users[user].name, sizeof entry.name);
    if (from->family != FAMILY_NONE)
        address_format(*from, entry.from);
    log_line("event=%s name=%s from=%s", web_entry_word(kind),
             user == NET_NOBODY ? "unknown" : entry.name, entry.from);
    size_t size = web_entry_write(&entry, text, sizeof text);
    if (login->channel >= 0 && size > 0)
        (void)channel_send_text(login->channel, text, size);
}

static struct web_answer let_in(struct web_login *login, const struct credentials *c,
                                struct mono now)
{
    uint8_t secrets[2 * WEB_SECRET_BYTES];
    char id[WEB_SECRET_TEXT_MAX];
    if (getrandom(secrets, sizeof secrets, 0) != (ssize_t)sizeof secrets)
        return web_error(MHD_HTTP_INTERNAL_SERVER_ERROR, "the kernel gives no random bytes");
    const struct web_session *session = web_session_open(&login->sessions, c->user, secrets, now);
    const struct web_person person = person_in(login, session, now);
    struct web_answer answer = web_session_answer(login, &person, now);
    web_hex_write(session->id, WEB_SECRET_BYTES, id);
    set_cookie(login, id, WEB_SESSION_S_MAX, &answer);
    return answer;
}

static struct web_answer hold_up(int64_t wait_ns)
{
    struct web_answer answer =
        web_error(MHD_HTTP_TOO_MANY_REQUESTS, "too many tries: wait, see Retry-After");
    answer.retry_after_s = (unsigned)(wait_ns / NS_PER_S + 1);
    return answer;
}

static struct web_answer try_password(struct web_login *login, const struct credentials *c,
                                      const struct web_request *request, struct mono now)
{
    const struct web_try try = {&request->from, c->name};
    int64_t wait_ns = web_throttle_try_ns(&login->throttle, try, now);
    if (wait_ns > 0)
        return hold_up(wait_ns);
    const char *hash = c->user == NET_NOBODY ? NULL : login->net->access.users[c->user].password;
    if (!password_is(c->password, hash)) {
        tell(login, c->user, &request->from, WEB_ENTRY_REFUSED);
        return web_error(MHD_HTTP_UNAUTHORIZED, "wrong name or password");
    }
    web_throttle_succeed(&login->throttle, try);
    tell(login, c->user, &request->from, WEB_ENTRY_LOGIN);
    return let_in(login, c, now);
}

struct web_answer web_login_answer(struct web_login *login, const struct web_request *request,
                                   struct mono now)
{
    struct credentials c;
    if (!is_by_our_page(login, request))
        return web_error(MHD_HTTP_FORBIDDEN, "the page that posts is not of this host");
    struct web_answer answer =
        read_credentials(login, request, &c)
            ? try_password(login, &c, request, now)
            : web_error(MHD_HTTP_BAD_REQUEST,
                        "the body is no login: send {\"name\":\"...\",\"password\":\"...\"}");
    json_decref(c.body);
    return answer;
}

struct web_answer web_logout_answer(struct web_login *login, const struct web_person *person,
                                    const struct address *from, struct mono now)
{
    if (person->lack == WEB_LACKS_CSRF)
        return web_login_refuse(person, 0);
    if (person->session)
        tell(login, person->session->user, from, WEB_ENTRY_LOGOUT);
    for (uint32_t i = 0; person->session && i < WEB_SESSIONS_MAX; i++)
        if (&login->sessions.items[i] == person->session)
            web_session_close(&login->sessions.items[i]);
    const struct web_person gone = nobody(WEB_LACKS_LOGIN);
    struct web_answer answer = web_session_answer(login, &gone, now);
    set_cookie(login, "", 0, &answer);
    return answer;
}
