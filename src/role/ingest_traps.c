// SPDX-License-Identifier: ISC
#include "role/ingest_traps.h"

#include "role/ingest.h"
#include "role/ingest_snmp.h"
#include "role/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// clang-format off: the first configures the second
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
// clang-format on

struct ingest_traps {
    struct ingest_role *role;
    struct ingest_socket sockets[FAMILIES];
    void *sessions[FAMILIES];  // the library's; NULL: not opened
    netsnmp_transport *transports[FAMILIES];
    struct trap_rules *rules;
    bool is_refused;  // the newest rules cannot be read
    struct pattern_watch watch;
    uint64_t came, known, strange, refused;

    // The datagram that is judged now.
    const struct address *sender;
    const char *bytes;
    size_t size;
    bool is_good;  // it could be read, and is whose it says
    bool is_told;  // what is wrong with it
    struct trap trap;
    struct trap_match match;
};

static const oid trap_oid_name[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};  // snmpTrapOID.0
enum { TRAP_OID_NAME = sizeof trap_oid_name / sizeof trap_oid_name[0] };

// ---- opened with privileges

static bool load_rules(struct ingest_traps *t, char *why)
{
    const char *directory = t->role->net->traps.patterns;
    char error[PATTERN_FILES_WHY_MAX];
    directory = directory[0] ? directory : pattern_files_trap();
    pattern_watch_begin(&t->watch, directory);
    t->rules = pattern_files_load_traps(directory, error);
    if (!t->rules)
        snprintf(why, ROLE_ERROR_MAX, "cannot take traps: %.*s", ROLE_ERROR_MAX - 32, error);
    return t->rules != NULL;
}

bool ingest_traps_open(struct ingest_role *r, char *why)
{
    const struct net_traps *c = &r->net->traps;
    if (!c->listen[FAMILY_IPV4].family && !c->listen[FAMILY_IPV6].family)
        return true;
    struct ingest_traps *t = r->traps = calloc(1, sizeof *t);
    if (!t) {
        snprintf(why, ROLE_ERROR_MAX, "cannot take traps: out of memory");
        return false;
    }
    t->role = r;
    for (enum family family = 0; family < FAMILIES; family++)
        t->sockets[family].fd = -1;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (!c->listen[family].family)
            continue;
        t->sockets[family].fd =
            ingest_open_socket("traps", c->listen[family], c->port, SOCK_DGRAM, why);
        if (t->sockets[family].fd < 0)
            return false;
    }
    return load_rules(t, why);
}

void ingest_traps_close(struct ingest_traps *t)
{
    for (enum family family = FAMILY_IPV4; t && family < FAMILIES; family++) {
        if (t->sessions[family])
            snmp_sess_close(t->sessions[family]);
        if (t->sockets[family].fd >= 0)
            close(t->sockets[family].fd);
    }
    if (t)
        trap_rules_free(t->rules);
    free(t);
}

// ---- what is wrong with one

static void refuse(struct ingest_traps *t, const char *why)
{
    t->refused++;
    t->is_told = true;
    ingest_complain(t->role, INGEST_TRAP_REFUSED, t->sender, "trap: %s", why);
}

// A sender of informs that learns our engine's name and time first (RFC 3414 §4) does nothing
// wrong: it asks for a report, which a trap never does.
static bool is_discovery(const netsnmp_pdu *pdu, int error)
{
    return (pdu->flags & SNMP_MSG_FLAG_RPRT_BIT) &&
           (error == SNMPERR_USM_UNKNOWNENGINEID || error == SNMPERR_USM_NOTINTIMEWINDOW);
}

static const char *reason_of(int error)
{
    switch (error) {
    case SNMPERR_USM_UNKNOWNSECURITYNAME:
        return "of no user that is known with the engine it is from";
    case SNMPERR_USM_AUTHENTICATIONFAILURE:
        return "signed with another key";
    case SNMPERR_USM_UNSUPPORTEDSECURITYLEVEL:
        return "of a security level that its user does not have";
    case SNMPERR_USM_NOTINTIMEWINDOW:
        return "of another time than its engine's: it was said before, or its clock went back";
    case SNMPERR_USM_UNKNOWNENGINEID:
        return "of an engine that is not known";
    default:
        return "cannot be read as SNMP, or encrypted with another key";
    }
}

static int on_parsed(netsnmp_session *session, netsnmp_pdu *pdu, int result)
{
    struct ingest_traps *t = session->callback_magic;
    t->is_good = result == SNMPERR_SUCCESS;
    if (t->is_good)
        return 1;
    t->is_told = is_discovery(pdu, result);
    if (!t->is_told)
        refuse(t, reason_of(result));
    return 1;
}

// ---- who may send

static const struct net_trap_user *user_of(const struct ingest_traps *t, const netsnmp_pdu *pdu)
{
    const struct net_traps *c = &t->role->net->traps;
    for (uint32_t i = 0; i < c->user_count; i++)
        if (strlen(c->users[i].name) == pdu->securityNameLen &&
            memcmp(c->users[i].name, pdu->securityName, pdu->securityNameLen) == 0)
            return &c->users[i];
    return NULL;
}

// The library takes less than a user could do, which is anybody's who knows the name.
static const char *why_not_v3(const struct ingest_traps *t, const netsnmp_pdu *pdu)
{
    const struct net_trap_user *user = user_of(t, pdu);
    int wanted = !user               ? SNMP_SEC_LEVEL_AUTHPRIV
                 : user->priv_key[0] ? SNMP_SEC_LEVEL_AUTHPRIV
                 : user->auth_key[0] ? SNMP_SEC_LEVEL_AUTHNOPRIV
                                     : SNMP_SEC_LEVEL_NOAUTH;
    return pdu->securityModel != SNMP_SEC_MODEL_USM ? "of a security model that is not USM"
           : pdu->securityLevel < wanted ? "not signed or not encrypted, which its user's are"
                                         : NULL;
}

static const char *why_not_v2c(const struct ingest_traps *t, const netsnmp_pdu *pdu)
{
    const char *community = t->role->net->traps.community;
    size_t size = strlen(community);
    if (size == 0)
        return "version 2c, for which no community is configured";
    return pdu->community_len == size && memcmp(pdu->community, community, size) == 0
               ? NULL
               : "of another community";
}

// NULL: it may be taken.
static const char *why_not(const struct ingest_traps *t, const netsnmp_pdu *pdu)
{
    if (pdu->version == SNMP_VERSION_1)
        return "version 1 is not taken: let it send version 2c or 3";
    if (pdu->command != SNMP_MSG_TRAP2 && pdu->command != SNMP_MSG_INFORM)
        return "neither a trap nor an inform";
    return pdu->version == SNMP_VERSION_3 ? why_not_v3(t, pdu) : why_not_v2c(t, pdu);
}

// ---- what one says

static bool copy_oid(struct trap_oid *to, const oid *ids, size_t count)
{
    if (count > TRAP_OID_MAX)
        return false;
    to->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        to->ids[i] = (uint32_t)ids[i];
    return true;
}

static void copy_value(struct trap_variable *to, const netsnmp_variable_list *v)
{
    switch (v->type) {
    case ASN_INTEGER:
        to->kind = TRAP_NUMBER;
        to->number = *v->val.integer;
        break;
    case ASN_UNSIGNED:
    case ASN_COUNTER:
    case ASN_TIMETICKS:
        to->kind = TRAP_NUMBER;
        to->number = (uint32_t)*v->val.integer;
        break;
    case ASN_OCTET_STR:
    case ASN_IPADDRESS:
        to->kind = TRAP_OCTETS;
        to->octets = (struct syslog_text){(const char *)v->val.string, v->val_len};
        break;
    default:
        to->kind = TRAP_OTHER;
    }
}

static bool copy_trap(struct trap *trap, const netsnmp_pdu *pdu)
{
    trap->id.count = trap->count = 0;
    for (const netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
        struct trap_variable *to = &trap->variables[trap->count];
        if (v->type == ASN_OBJECT_ID && v->name_length == TRAP_OID_NAME &&
            memcmp(v->name, trap_oid_name, sizeof trap_oid_name) == 0) {
            if (!copy_oid(&trap->id, v->val.objid, v->val_len / sizeof(oid)))
                return false;
        } else if (trap->count < TRAP_VARIABLES_MAX) {
            *to = (struct trap_variable){0};
            if (!copy_oid(&to->name, v->name, v->name_length))
                return false;
            copy_value(to, v);
            trap->count++;
        }
    }
    return trap->id.count > 0;
}

static void tell(struct ingest_traps *t)
{
    struct ingest_role *r = t->role;
    struct notice notice;
    const char *device = device_by_address(&r->net->syslog, *t->sender)->name;
    if (!trap_rules_match(t->rules, &t->trap, &t->match)) {
        ingest_syslog_unknown(&r->syslog, &t->match.message, device);
    } else if (device_notice(r->net, device, &t->match.message, &t->match.match, &notice)) {
        t->known++;
        notice.since = r->now;
        ingest_syslog_queue(r, &notice);
    }
}

// RFC 3416 §4.2.7: what was asked comes back.
static void answer(void *session, netsnmp_pdu *pdu)
{
    netsnmp_pdu *response = snmp_clone_pdu(pdu);
    if (!response)
        return;
    response->command = SNMP_MSG_RESPONSE;
    response->errstat = response->errindex = 0;
    if (snmp_sess_send(session, response) == 0)
        snmp_free_pdu(response);
}

static int on_message(int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu,
                      void *context)
{
    struct ingest_traps *t = context;
    (void)session, (void)request;
    // The library calls with one whose signature is wrong, too, before it says so.
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || !t->is_good)
        return 1;
    const char *why = why_not(t, pdu);
    if (!why && !copy_trap(&t->trap, pdu))
        why = "without a name of what it is, or with a name that is too long";
    if (why) {
        refuse(t, why);
        return 1;
    }
    t->is_told = true;
    tell(t);
    if (pdu->command == SNMP_MSG_INFORM)
        answer(t->sessions[t->sender->family], pdu);
    return 1;
}

// ---- the library's way to our sockets

static int on_receive(netsnmp_transport *transport, void *buffer, int size, void **opaque,
                      int *opaque_size)
{
    struct ingest_traps *t = transport->data;
    union endpoint *peer = malloc(sizeof *peer);
    if (!peer || t->size > (size_t)size) {
        free(peer);
        return -1;
    }
    memcpy(buffer, t->bytes, t->size);
    *peer = *t->role->peer;
    *opaque = peer;
    *opaque_size = sizeof *peer;
    return (int)t->size;
}

static int on_send(netsnmp_transport *transport, const void *bytes, int size, void **opaque,
                   int *opaque_size)
{
    if (!opaque || !*opaque || *opaque_size != (int)sizeof(union endpoint))
        return -1;
    const union endpoint *peer = *opaque;
    return (int)sendto(transport->sock, bytes, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT,
                       &peer->any, endpoint_size(peer));
}

static int on_close(netsnmp_transport *transport)
{
    transport->sock = -1;  // it is ours
    return 0;
}

static bool open_session(struct ingest_traps *t, enum family family)
{
    netsnmp_transport *transport = calloc(1, sizeof *transport);
    netsnmp_session session;
    if (!transport)
        return false;
    *transport = (netsnmp_transport){.sock = t->sockets[family].fd,
                                     .msgMaxSize = DATAGRAM_SIZE_MAX,
                                     .data = t,
                                     .f_recv = on_receive,
                                     .f_send = on_send,
                                     .f_close = on_close};
    snmp_sess_init(&session);
    session.version = SNMP_DEFAULT_VERSION;
    session.callback = on_message;
    session.callback_magic = t;
    session.isAuthoritative = SNMP_SESS_UNKNOWNAUTH;
    t->sessions[family] = snmp_sess_add(&session, transport, NULL, on_parsed);
    t->transports[family] = transport;
    return t->sessions[family] != NULL;
}

// ---- users of version 3

// In quotes, as the library's reader takes it.
static void quote(char *text, size_t size, const char *from)
{
    size_t used = 0;
    text[used++] = '"';
    for (; *from && used + 4 < size; from++) {
        if (*from == '"' || *from == '\\')
            text[used++] = '\\';
        text[used++] = *from;
    }
    text[used++] = '"';
    text[used] = '\0';
}

// `engine`: in hexadecimal; empty: this host's, for informs.
static void add_user(const struct net_trap_user *user, const char *engine)
{
    char name[3 * NET_SNMP_TEXT_MAX], auth[3 * NET_SNMP_TEXT_MAX], priv[3 * NET_SNMP_TEXT_MAX];
    char line[12 * NET_SNMP_TEXT_MAX];
    quote(name, sizeof name, user->name);
    quote(auth, sizeof auth, user->auth_key);
    quote(priv, sizeof priv, user->priv_key);
    if (strncmp(engine, "0x", 2) == 0)
        engine += 2;
    int used = snprintf(line, sizeof line, "%s%s%s%s", engine[0] ? "-e 0x" : "", engine,
                        engine[0] ? " " : "", name);
    if (user->auth_key[0])
        used += snprintf(line + used, sizeof line - (size_t)used, " %s %s", user->auth, auth);
    if (user->priv_key[0])
        snprintf(line + used, sizeof line - (size_t)used, " AES %s", priv);
    usm_parse_create_usmUser("createUser", line);
    explicit_bzero(line, sizeof line);
    explicit_bzero(auth, sizeof auth);
    explicit_bzero(priv, sizeof priv);
}

// The name of our engine is the site's, so that devices know it after a new start; how often it
// began grows with the clock, as nothing is kept.
static void name_engine(const struct net *net)
{
    enum { BEGIN = 1600000000 };  // seconds of the clock; what is left fits into 31 bits
    char boots[24];
    setup_engineID(NULL, net->site);
    snprintf(boots, sizeof boots, "%" PRId64, (int64_t)time(NULL) - BEGIN);
    engineBoots_conf("engineBoots", boots);
    size_t size = 0;
    u_char *engine = snmpv3_generate_engineID(&size);
    if (engine)
        set_enginetime(engine, (u_int)size, (u_int)snmpv3_local_snmpEngineBoots(),
                       (u_int)snmpv3_local_snmpEngineTime(), TRUE);
    free(engine);
}

// ---- the loop

static void take_datagram(struct ingest_role *r, const struct address *sender, const char *bytes,
                          size_t size)
{
    struct ingest_traps *t = r->traps;
    t->came++;
    t->sender = sender;
    t->is_good = t->is_told = false;
    if (!device_by_address(&r->net->syslog, *sender)) {
        t->strange++;
        ingest_complain(r, INGEST_TRAP_REFUSED, sender, "trap: not among syslog.devices");
        return;
    }
    if (size == SIZE_MAX) {
        refuse(t, "longer than a datagram may be here");
        return;
    }
    t->bytes = bytes;
    t->size = size;
    netsnmp_large_fd_set readable;
    netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
    netsnmp_large_fd_setfd(t->sockets[sender->family].fd, &readable);
    snmp_sess_read2(t->sessions[sender->family], &readable);
    netsnmp_large_fd_set_cleanup(&readable);
    if (!t->is_told)
        refuse(t, "cannot be read as SNMP");
}

static void lose(struct ingest_role *r, int32_t count)
{
    ingest_complain(r, INGEST_SYSLOG_LOST, NULL, "%d traps came faster than they were read", count);
}

static const struct ingest_datagrams datagrams = {take_datagram, lose};

int ingest_traps_start(struct ingest_role *r)
{
    struct ingest_traps *t = r->traps;
    const struct net_traps *c = &r->net->traps;
    int error = 0;
    if (!t)
        return 0;
    ingest_snmp_get_ready(r->snmp);
    name_engine(r->net);
    for (uint32_t i = 0; i < c->user_count; i++) {
        add_user(&c->users[i], "");
        if (c->users[i].engine_id[0])
            add_user(&c->users[i], c->users[i].engine_id);
    }
    for (enum family family = FAMILY_IPV4; !error && family < FAMILIES; family++) {
        if (t->sockets[family].fd < 0)
            continue;
        error =
            open_session(t, family) ? ingest_watch(r, &t->sockets[family], &datagrams) : UV_ENOMEM;
    }
    return error;
}

// As with syslog's.
static void look_at_rules(struct ingest_traps *t)
{
    struct ingest_role *r = t->role;
    struct notice notice = {.kind = NOTICE_PATTERNS_REFUSED, .router = NET_NOBODY, .since = r->now};
    char why[PATTERN_FILES_WHY_MAX] = "";
    if (!pattern_watch_changed(&t->watch, r->now))
        return;
    struct trap_rules *rules = pattern_files_load_traps(t->watch.directory, why);
    if (rules) {
        trap_rules_free(t->rules);
        t->rules = rules;
        log_line("event=trap_patterns_loaded rules=%u", trap_rules_count(rules));
    } else {
        log_line("event=trap_patterns_refused why='%s'", why);
    }
    if (rules && !t->is_refused)
        return;
    t->is_refused = notice.raised = rules == NULL;
    snprintf(notice.peer, sizeof notice.peer, "traps");  // beside those of syslog
    snprintf(notice.text, sizeof notice.text, "%.*s%s", NOTICE_TEXT_MAX - 32, why,
             rules ? "they can be read" : "; the old ones stay");
    ingest_syslog_queue(r, &notice);
}

void ingest_traps_tick(struct ingest_role *r)
{
    struct ingest_traps *t = r->traps;
    if (!t)
        return;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        ingest_look(r, &t->sockets[family]);
    look_at_rules(t);
}

void ingest_traps_tell(const struct ingest_traps *t)
{
    if (t)
        log_line("event=traps_end traps=%" PRIu64 " known=%" PRIu64 " strangers=%" PRIu64
                 " refused=%" PRIu64,
                 t->came, t->known, t->strange, t->refused);
}
