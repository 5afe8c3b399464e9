// SPDX-License-Identifier: ISC
// RFC 3164 and what devices make of it: parts of the header come in several orders, and any may be
// missing. Each is recognised by its own form, and what is not recognised is text.
#include "syslog/message_inside.h"
#include "syslog/time.h"

static bool is_word(char c)
{
    return syslog_is_digit(c) || (c >= 'a' && c <= 'z') || syslog_is_upper(c) || c == '_';
}

static bool read_time(struct syslog_reader *r, struct syslog_text *time)
{
    size_t at;
    return syslog_time_5424(r, time, &at) || syslog_time_bsd(r, time);
}

// IOS: "521: ".
static void skip_sequence(struct syslog_reader *r)
{
    struct syslog_reader in = *r;
    uint32_t value;
    if (syslog_number(&in, 9, &value) > 0 && syslog_skip(&in, ':') && syslog_skip(&in, ' '))
        *r = in;
}

// "router1: *Nov 14 08:30:56.699: " of IOS with an origin id.
static bool read_origin(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    struct syslog_text host = syslog_word(&in);
    if (host.size < 2 || host.at[host.size - 1] != ':')
        return false;
    syslog_skip_blanks(&in);
    if (!read_time(&in, &m->time))
        return false;
    m->host = (struct syslog_text){host.at, host.size - 1};
    *r = in;
    return true;
}

// "xrv RP/0/RP0/CPU0:Oct  4 22:52:47.441 : " of IOS-XR; the host is absent without hostnameprefix.
static bool read_node(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    struct syslog_text host = {in.text, 0}, node = syslog_word(&in);
    const char *colon = memchr(node.at, ':', node.size);
    if (!colon && syslog_skip(&in, ' ')) {
        host = node;
        node = syslog_word(&in);
        colon = memchr(node.at, ':', node.size);
    }
    if (!colon || !memchr(node.at, '/', (size_t)(colon - node.at)))
        return false;
    in.pos = (size_t)(colon - in.text) + 1;
    if (!read_time(&in, &m->time))
        return false;
    m->host = host;
    m->node = (struct syslog_text){node.at, (size_t)(colon - node.at)};
    *r = in;
    return true;
}

// Junos puts the routing engine before the name: "re0.edge01".
static void split_engine(struct syslog_message *m)
{
    struct syslog_text *host = &m->host;
    if (host->size > 4 && memcmp(host->at, "re", 2) == 0 && syslog_is_digit(host->at[2]) &&
        host->at[3] == '.') {
        m->node = (struct syslog_text){host->at, 3};
        *host = (struct syslog_text){host->at + 4, host->size - 4};
    }
}

// Behind a time, unless what comes is a tag already: "su: " or "su[12]: ".
static void read_host(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    syslog_skip_blanks(&in);
    struct syslog_text word = syslog_word(&in);
    if (word.size == 0 || word.at[0] == '%' || word.at[word.size - 1] == ':' ||
        memchr(word.at, '[', word.size))
        return;
    m->host = word;
    split_engine(m);
    *r = in;
}

// "fpc0 " of Junos: the card whose words follow.
static bool read_card(struct syslog_reader *r, struct syslog_message *m)
{
    static const char *const cards[] = {"fpc", "lcc", "spmb", "afeb", "feb"};
    struct syslog_reader in = *r;
    struct syslog_text word = syslog_word(&in);
    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
        size_t size = strlen(cards[i]);
        if (word.size <= size || word.size > size + 2 || memcmp(word.at, cards[i], size) != 0 ||
            !syslog_is_digit(word.at[size]) || !syslog_skip(&in, ' '))
            continue;
        m->node = word;
        *r = in;
        return true;
    }
    return false;
}

// "rpd[13037]: ", "sshd: ", "/kernel: ".
static void read_app(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    syslog_skip(&in, '/');
    size_t begin = in.pos;
    while (is_word(syslog_peek(&in, 0)) ||
           (in.pos > begin && syslog_peek(&in, 0) != '\0' && strchr("-./", syslog_peek(&in, 0))))
        in.pos++;
    struct syslog_text app = {in.text + begin, in.pos - begin}, pid = {in.text, 0};
    if (syslog_skip(&in, '[')) {
        pid.at = in.text + in.pos;
        while (syslog_left(&in) > 0 && syslog_peek(&in, 0) != ']' && syslog_peek(&in, 0) != ' ')
            in.pos++;
        pid.size = (size_t)(in.text + in.pos - pid.at);
        if (!syslog_skip(&in, ']'))
            return;
    }
    if (app.size == 0 || !syslog_skip(&in, ':') ||
        (syslog_left(&in) > 0 && syslog_peek(&in, 0) != ' '))
        return;
    m->app = app;
    m->pid = pid;
    *r = in;
}

// "%BGP-5-ADJCHANGE: ", "%PKT_INFRA-LINK-3-UPDOWN : ", "%%01IFNET/4/IF_STATE(l)[4997]:".
static bool read_percent(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    while (syslog_skip(&in, '%'))
        ;
    size_t begin = in.pos;
    while (is_word(syslog_peek(&in, 0)) ||
           (syslog_peek(&in, 0) != '\0' && strchr("-/", syslog_peek(&in, 0))))
        in.pos++;
    struct syslog_text id = {in.text + begin, in.pos - begin};
    while (syslog_left(&in) > 0 && strchr("([", syslog_peek(&in, 0)))
        while (syslog_left(&in) > 0 && !strchr(")]", in.text[in.pos++]))
            ;
    syslog_skip_blanks(&in);
    if (begin == r->pos || id.size == 0 || !syslog_skip(&in, ':'))
        return false;
    m->id = id;
    *r = in;
    return true;
}

// "RPD_BGP_NEIGHBOR_STATE_CHANGED: ": capitals with an underscore, and a colon. Junos' kernel, rpd
// and cards say the functions' names instead: "bgp_recv: ".
static bool read_name(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    bool underscore = false, capitals = true;
    for (; is_word(syslog_peek(&in, 0)); in.pos++) {
        underscore |= syslog_peek(&in, 0) == '_';
        capitals &= syslog_peek(&in, 0) < 'a' || syslog_peek(&in, 0) > 'z';
    }
    struct syslog_text id = {r->text + r->pos, in.pos - r->pos};
    bool functions =
        syslog_text_is(m->app, "rpd") || syslog_text_is(m->app, "kernel") || m->node.size > 0;
    uint32_t line;
    if (functions && syslog_skip(&in, ':') && syslog_number(&in, 6, &line) == 0)
        in.pos--;  // "bgp_read_message:2764: " has the line of its source
    if (!underscore || !(capitals || functions) || !syslog_skip(&in, ':') || !syslog_skip(&in, ' '))
        return false;
    m->id = id;
    *r = in;
    return true;
}

// SR OS: "1234 Base BGP-WARNING-bgpBackwardTransNotification-2002 [Peer 1: 10.1.1.1]: ".
static bool read_numbered(struct syslog_reader *r, struct syslog_message *m)
{
    struct syslog_reader in = *r;
    uint32_t value;
    if (!syslog_text_is(m->app, "TMNX") || syslog_number(&in, 9, &value) == 0 ||
        !syslog_skip(&in, ' '))
        return false;
    syslog_word(&in);
    syslog_skip_blanks(&in);
    struct syslog_text id = syslog_word(&in);
    if (id.size == 0 || !memchr(id.at, '-', id.size))
        return false;
    m->id = id;
    *r = in;
    return true;
}

// "[12345.678901] " of Linux: since it booted.
static void skip_uptime(struct syslog_reader *r)
{
    struct syslog_reader in = *r;
    uint32_t value;
    if (!syslog_skip(&in, '['))
        return;
    syslog_skip_blanks(&in);
    if (syslog_number(&in, 9, &value) > 0 && syslog_skip(&in, '.') &&
        syslog_number(&in, 9, &value) > 0 && syslog_skip(&in, ']'))
        *r = in;
}

void syslog_read_mnemonic(struct syslog_reader *r, struct syslog_message *m)
{
    if (read_percent(r, m) || read_numbered(r, m) || read_name(r, m))
        syslog_skip_blanks(r);
}

static void read_tag(struct syslog_reader *r, struct syslog_message *m)
{
    read_app(r, m);
    syslog_skip_blanks(r);
    if (syslog_text_is(m->app, "kernel"))
        skip_uptime(r);
    syslog_skip_blanks(r);
    syslog_read_mnemonic(r, m);
}

void syslog_read_bsd(struct syslog_reader *r, struct syslog_message *m)
{
    m->format = SYSLOG_BSD;
    skip_sequence(r);
    syslog_skip_blanks(r);
    if (read_time(r, &m->time)) {
        if (syslog_peek(r, 0) == ' ')
            read_host(r, m);
    } else if (!read_origin(r, m)) {
        read_node(r, m);
    }
    syslog_skip_blanks(r);
    if (m->time.size > 0 && syslog_skip(r, ':'))
        syslog_skip_blanks(r);
    if (read_card(r, m))
        syslog_read_mnemonic(r, m);
    if (m->id.size == 0)
        read_tag(r, m);
    m->text = syslog_rest(r);
}
