// SPDX-License-Identifier: ISC
#include "role/ingest_snmp.h"

#include "count/agent.h"
#include "role/log.h"

// clang-format off: the first configures the second
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
// clang-format on

enum {
    READ_MS = 2000,
    AGAIN_MS = 5000,  // after a failure
    TIMEOUT_US = 500 * 1000,
    RETRIES = 1,
    NAMES_AT_ONCE = 24,  // of interfaces: what fits into a datagram of 1472 octets
    FAILURES_MAX = 3,    // then everything begins anew: an agent that was replaced has another name
};

enum stage { ACQUAINT, FIND, COUNT };  // version 3 begins with the agent's engine (RFC 3414 §4)

struct meter {
    struct ingest_role *role;
    uint32_t upstream;
    void *session;  // NULL: not opened
    enum stage stage;
    bool is_waiting, is_silent;  // the second: as the log has it
    uint32_t failures;           // straight ones
    struct mono ask_at;
    oid index;  // ifIndex; while it is looked for, the last one that it is not
    struct count_agent agent;
};

struct ingest_snmp {
    bool is_ready;
    uint32_t count;
    struct meter meters[NET_UPSTREAMS_MAX];
};

static const oid uptime[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
enum { NAME = 1, IN = 6, OUT = 10, DISCONTINUITY = 19 };  // columns of ifXTable (RFC 2863)

static const struct net_snmp *agent_of(const struct meter *m)
{
    return &m->role->net->upstreams[m->upstream].use.snmp;
}

bool ingest_snmp_open(struct ingest_role *r, char *why)
{
    struct ingest_snmp *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, ROLE_ERROR_MAX, "cannot ask for counters: out of memory");
        return false;
    }
    r->snmp = s;
    for (uint32_t i = 0; i < r->net->upstream_count; i++)
        if (r->net->upstreams[i].use.from == NET_USE_SNMP)
            s->meters[s->count++] = (struct meter){.role = r, .upstream = i};
    return true;
}

static void close_session(struct meter *m)
{
    if (m->session)
        snmp_sess_close(m->session);
    m->session = NULL;
    m->is_waiting = false;
    m->failures = 0;
}

void ingest_snmp_close(struct ingest_snmp *s)
{
    for (uint32_t i = 0; s && i < s->count; i++)
        close_session(&s->meters[i]);
    free(s);
}

// Neither files of configuration nor of MIBs, none written, nothing said by the library itself.
void ingest_snmp_get_ready(struct ingest_snmp *s)
{
    static const int switches[] = {
        NETSNMP_DS_LIB_DONT_READ_CONFIGS,
        NETSNMP_DS_LIB_DONT_PERSIST_STATE,
        NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
        NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE,
    };
    if (s->is_ready)
        return;
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, switches[i], 1);
    setenv("MIBS", "", 1);
    snmp_disable_log();
    snmp_enable_calllog();  // to nobody; without any handler it would be stderr
    init_snmp("fairlead");
    s->is_ready = true;
}

// ---- what came of it

static void fail(struct meter *m, const char *reason)
{
    m->ask_at = mono_add_ms(m->role->now, AGAIN_MS);
    m->failures++;
    if (m->is_silent)
        return;
    m->is_silent = true;
    log_line("event=use_unknown upstream=%s interface='%s' reason='%s'",
             m->role->net->upstreams[m->upstream].name, agent_of(m)->interface, reason);
}

static bool is_name(const struct meter *m, const netsnmp_variable_list *v)
{
    const char *name = agent_of(m)->interface;
    return v->type == ASN_OCTET_STR && v->val_len == strlen(name) &&
           memcmp(v->val.string, name, v->val_len) == 0;
}

// The column of ifXTable that the variable is of, and its row; 0: of none.
static oid column_of(const netsnmp_variable_list *v, oid *row)
{
    static const oid table[] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1};
    enum { SIZE = sizeof table / sizeof table[0] };
    if (v->name_length != SIZE + 2 || memcmp(v->name, table, sizeof table) != 0)
        return 0;
    *row = v->name[SIZE + 1];
    return v->name[SIZE];
}

static void take_names(struct meter *m, const netsnmp_pdu *pdu)
{
    const netsnmp_variable_list *v = pdu->variables;
    oid row = m->index;
    for (; v && column_of(v, &row) == NAME && row > m->index; v = v->next_variable) {
        m->index = row;
        if (!is_name(m, v))
            continue;
        m->stage = COUNT;
        m->ask_at = m->role->now;
        return;
    }
    m->ask_at = m->role->now;  // the next ones at once
    if (pdu->variables && !v)
        return;
    m->index = 0;
    fail(m, "the agent has no interface of that ifName");
}

static bool read_counter(const netsnmp_variable_list *v, uint64_t *value)
{
    if (v->type != ASN_COUNTER64)
        return false;
    *value = (uint64_t)v->val.counter64->high << 32 | (v->val.counter64->low & UINT32_MAX);
    return true;
}

static bool is_uptime(const netsnmp_variable_list *v)
{
    return v->type == ASN_TIMETICKS && v->name_length == sizeof uptime / sizeof uptime[0] &&
           memcmp(v->name, uptime, sizeof uptime) == 0;
}

// A discontinuity that an agent does not know of is none.
static bool read_all(const struct meter *m, const netsnmp_pdu *pdu,
                     struct count_agent_reading *reading, bool *is_same)
{
    bool has_time = false, has_in = false, has_out = false;
    *is_same = false;
    reading->index = (uint32_t)m->index;
    for (const netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
        oid row = 0, column = column_of(v, &row);
        if (is_uptime(v)) {
            has_time = true;
            reading->uptime_cs = (uint32_t)*v->val.integer;
        } else if (row != m->index)
            continue;
        else if (column == NAME)
            *is_same = is_name(m, v);
        else if (column == IN)
            has_in = read_counter(v, &reading->in);
        else if (column == OUT)
            has_out = read_counter(v, &reading->out);
        else if (column == DISCONTINUITY && v->type == ASN_TIMETICKS)
            reading->discontinuity = (uint32_t)*v->val.integer;
    }
    return has_time && has_in && has_out;
}

static void take_counters(struct meter *m, const netsnmp_pdu *pdu)
{
    struct count_agent_reading reading = {0};
    struct count_use use = {.upstream = m->upstream};
    bool is_same, has_all = read_all(m, pdu, &reading, &is_same);
    if (!is_same) {  // numbered otherwise since: look for it
        m->stage = FIND;
        m->index = 0;
        m->ask_at = m->role->now;
        return;
    }
    if (!has_all) {
        fail(m, "the agent has no 64-bit counters of it");
        return;
    }
    m->failures = 0;
    if (m->is_silent)
        log_line("event=use_known upstream=%s interface='%s'",
                 m->role->net->upstreams[m->upstream].name, agent_of(m)->interface);
    m->is_silent = false;
    if (count_agent_take(&m->agent, m->role->now, &reading, &use))
        ingest_tell_use(m->role, &use);
}

// The library has taken the name of the engine from its report; the user's keys are made with it.
static void take_engine(struct meter *m)
{
    netsnmp_session *session = snmp_sess_session(m->session);
    if (session->securityEngineIDLen == 0 ||
        usm_create_user_from_session(session) != SNMPERR_SUCCESS) {
        fail(m, "the agent does not speak version 3");
        return;
    }
    m->stage = FIND;
    m->ask_at = m->role->now;
}

// The library keeps reports to itself, which nothing authenticates, and goes on asking.
static const char silence_v3[] = "no answer, or none to this user with these keys";

static int on_answer(int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu,
                     void *context)
{
    struct meter *m = context;
    (void)session, (void)request;
    m->is_waiting = false;
    m->ask_at = mono_add_ms(m->ask_at, READ_MS);
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
        fail(m, agent_of(m)->user[0] ? silence_v3 : "no answer");
    else if (m->stage == ACQUAINT)
        take_engine(m);
    else if (pdu->command != SNMP_MSG_RESPONSE)
        fail(m, "the agent refuses that user or its keys");
    else if (pdu->errstat != SNMP_ERR_NOERROR)
        fail(m, snmp_errstring((int)pdu->errstat));
    else if (m->stage == FIND)
        take_names(m, pdu);
    else
        take_counters(m, pdu);
    return 1;
}

// ---- what is asked

static void set_keys(const struct net_snmp *from, netsnmp_session *s)
{
    s->version = SNMP_VERSION_3;
    s->flags |= SNMP_FLAGS_DONT_PROBE;  // it would wait for the answer
    s->securityModel = SNMP_SEC_MODEL_USM;
    s->securityName = (char *)from->user;  // the library copies it
    s->securityNameLen = strlen(from->user);
    s->securityLevel = from->priv_key[0] ? SNMP_SEC_LEVEL_AUTHPRIV : SNMP_SEC_LEVEL_AUTHNOPRIV;
    s->securityAuthProto = (oid *)usmHMACSHA1AuthProtocol;
    s->securityAuthProtoLen = USM_AUTH_PROTO_SHA_LEN;
    s->securityAuthKeyLen = USM_AUTH_KU_LEN;
    generate_Ku(s->securityAuthProto, (u_int)s->securityAuthProtoLen,
                (const u_char *)from->auth_key, strlen(from->auth_key), s->securityAuthKey,
                &s->securityAuthKeyLen);
    if (!from->priv_key[0])
        return;
    s->securityPrivProto = (oid *)usmAESPrivProtocol;
    s->securityPrivProtoLen = USM_PRIV_PROTO_AES_LEN;
    s->securityPrivKeyLen = USM_PRIV_KU_LEN;
    generate_Ku(s->securityAuthProto, (u_int)s->securityAuthProtoLen,
                (const u_char *)from->priv_key, strlen(from->priv_key), s->securityPrivKey,
                &s->securityPrivKeyLen);
}

static void open_session(struct meter *m)
{
    const struct net_snmp *from = agent_of(m);
    char peer[ENDPOINT_TEXT_MAX + 8], endpoint[ENDPOINT_TEXT_MAX];
    netsnmp_session s;
    snmp_sess_init(&s);
    snprintf(peer, sizeof peer, "%s:%s", from->address.family == FAMILY_IPV6 ? "udp6" : "udp",
             endpoint_format(from->address, from->port, endpoint));
    s.peername = peer;
    s.timeout = TIMEOUT_US;
    s.retries = RETRIES;
    s.callback = on_answer;
    s.callback_magic = m;
    if (from->community[0]) {
        s.version = SNMP_VERSION_2c;
        s.community = (u_char *)from->community;
        s.community_len = strlen(from->community);
    } else {
        set_keys(from, &s);
    }
    m->session = snmp_sess_open(&s);
    m->stage = from->community[0] ? FIND : ACQUAINT;
    m->index = 0;
    if (!m->session)
        fail(m, "no socket to the agent");
}

static void want(netsnmp_pdu *pdu, oid column, oid row)
{
    const oid name[] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column, row};
    snmp_add_null_var(pdu, name, sizeof name / sizeof name[0]);
}

// An empty user has no keys and may ask nothing, but is told the engine's name (RFC 3414 §4).
static netsnmp_pdu *ask_engine(void)
{
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
    if (!pdu)
        return NULL;
    pdu->version = SNMP_VERSION_3;
    pdu->securityName = strdup("");
    pdu->securityNameLen = 0;
    pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
    pdu->securityModel = SNMP_SEC_MODEL_USM;
    return pdu;
}

static netsnmp_pdu *ask_names(const struct meter *m)
{
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
    if (!pdu)
        return NULL;
    pdu->non_repeaters = 0;
    pdu->max_repetitions = NAMES_AT_ONCE;
    want(pdu, NAME, m->index);
    return pdu;
}

static netsnmp_pdu *ask_counters(const struct meter *m)
{
    static const oid columns[] = {NAME, IN, OUT, DISCONTINUITY};
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
    if (!pdu)
        return NULL;
    snmp_add_null_var(pdu, uptime, sizeof uptime / sizeof uptime[0]);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        want(pdu, columns[i], m->index);
    return pdu;
}

static void ask(struct meter *m)
{
    netsnmp_pdu *pdu = m->stage == ACQUAINT ? ask_engine()
                       : m->stage == FIND   ? ask_names(m)
                                            : ask_counters(m);
    m->ask_at = m->role->now;
    m->is_waiting = pdu && snmp_sess_send(m->session, pdu) != 0;
    if (m->is_waiting)
        return;
    if (pdu)
        snmp_free_pdu(pdu);
    fail(m, "cannot send to the agent");
}

// Never waits.
static void hear(struct meter *m)
{
    int count = 0, block = 0;
    struct timeval none = {0};
    netsnmp_large_fd_set readable;
    netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
    snmp_sess_select_info2(m->session, &count, &readable, &none, &block);
    none = (struct timeval){0};
    if (netsnmp_large_fd_set_select(count, &readable, NULL, NULL, &none) > 0)
        snmp_sess_read2(m->session, &readable);
    netsnmp_large_fd_set_cleanup(&readable);
    snmp_sess_timeout(m->session);
}

void ingest_snmp_tick(struct ingest_role *r)
{
    struct ingest_snmp *s = r->snmp;
    if (s->count > 0)
        ingest_snmp_get_ready(s);
    for (uint32_t i = 0; i < s->count; i++) {
        struct meter *m = &s->meters[i];
        if (m->session)
            hear(m);
        if (m->is_waiting || !mono_reached(r->now, m->ask_at))
            continue;
        if (m->session && m->failures >= FAILURES_MAX)
            close_session(m);
        if (!m->session)
            open_session(m);
        if (m->session)
            ask(m);
    }
}
