// SPDX-License-Identifier: ISC
#include "detect/device.h"

#include <stdio.h>
#include <string.h>

// What each fact is to people; `subject` tells it from others of the same device.
static const struct row {
    enum notice_kind kind;
    bool raised;
    enum syslog_field subject;
} rows[SYSLOG_FACTS] = {
    [SYSLOG_PROCESS_CRASHED] = {NOTICE_DEVICE_CRASH, true, SYSLOG_PROCESS},
    [SYSLOG_PROCESS_RESTARTED] = {NOTICE_DEVICE_RESTART, true, SYSLOG_PROCESS},
    [SYSLOG_PROCESS_GAVE_UP] = {NOTICE_DEVICE_GAVE_UP, true, SYSLOG_PROCESS},
    [SYSLOG_ALARM_SET] = {NOTICE_DEVICE_ALARM, true, SYSLOG_REASON},
    [SYSLOG_ALARM_CLEARED] = {NOTICE_DEVICE_ALARM, false, SYSLOG_REASON},
    [SYSLOG_BFD_DOWN] = {NOTICE_DEVICE_BFD, true, SYSLOG_PEER},
    [SYSLOG_BFD_UP] = {NOTICE_DEVICE_BFD, false, SYSLOG_PEER},
    [SYSLOG_BGP_DOWN] = {NOTICE_DEVICE_BGP, true, SYSLOG_PEER},
    [SYSLOG_BGP_UP] = {NOTICE_DEVICE_BGP, false, SYSLOG_PEER},
    [SYSLOG_BGP_PREFIX_LIMIT] = {NOTICE_DEVICE_LIMIT, true, SYSLOG_PEER},
    [SYSLOG_BGP_KEY_WRONG] = {NOTICE_DEVICE_KEY, true, SYSLOG_PEER},
    [SYSLOG_IGP_DOWN] = {NOTICE_DEVICE_IGP, true, SYSLOG_PEER},
    [SYSLOG_IGP_UP] = {NOTICE_DEVICE_IGP, false, SYSLOG_PEER},
    [SYSLOG_LACP_DOWN] = {NOTICE_DEVICE_LACP, true, SYSLOG_INTERFACE},
    [SYSLOG_LACP_UP] = {NOTICE_DEVICE_LACP, false, SYSLOG_INTERFACE},
    [SYSLOG_INTERFACE_DOWN] = {NOTICE_DEVICE_LINK, true, SYSLOG_INTERFACE},
    [SYSLOG_INTERFACE_UP] = {NOTICE_DEVICE_LINK, false, SYSLOG_INTERFACE},
    [SYSLOG_CONFIG_COMMITTED] = {NOTICE_DEVICE_COMMIT, true, SYSLOG_USER},
    [SYSLOG_CONFIG_ROLLED_BACK] = {NOTICE_DEVICE_ROLLBACK, true, SYSLOG_USER},
    [SYSLOG_MAINTENANCE_BEGAN] = {NOTICE_DEVICE_MAINTENANCE, true, SYSLOG_CHANGE},
    [SYSLOG_MAINTENANCE_ENDED] = {NOTICE_DEVICE_MAINTENANCE, false, SYSLOG_CHANGE},
};

// FRR writes "192.0.2.1(name)" where a neighbour has one.
static struct syslog_text subject_of(const struct syslog_match *match, enum syslog_field field)
{
    struct syslog_text subject = match->fields[field];
    const char *bracket =
        field == SYSLOG_PEER && subject.size > 0 ? memchr(subject.at, '(', subject.size) : NULL;
    if (bracket && bracket > subject.at)
        subject.size = (size_t)(bracket - subject.at);
    return subject;
}

// Of a commit what whoever made it says of it, where the device tells; else the line.
static struct syslog_text text_of(const struct syslog_message *message,
                                  const struct syslog_match *match)
{
    struct syslog_text change = match->fields[SYSLOG_CHANGE];
    bool told = match->rule->fact == SYSLOG_CONFIG_COMMITTED && change.size > 0;
    return told ? change : message->text;
}

bool device_notice(const struct net *net, const char *device, const struct syslog_message *message,
                   const struct syslog_match *match, struct notice *notice)
{
    const struct row *row = &rows[match->rule->fact];
    struct syslog_text subject = subject_of(match, row->subject);
    if (match->rule->fact == SYSLOG_FACT_NONE)
        return false;
    *notice = (struct notice){
        .kind = row->kind,
        .raised = row->raised,
        .router = net_router_by_name(net, device),
    };
    int used =
        snprintf(notice->peer, sizeof notice->peer, "%s%s", device, subject.size > 0 ? " " : "");
    syslog_text_show(subject, notice->peer + used, sizeof notice->peer - (size_t)used);
    syslog_text_show(text_of(message, match), notice->text, sizeof notice->text);
    return true;
}

const struct net_device *device_by_address(const struct net_syslog *syslog, struct address address)
{
    for (uint32_t i = 0; i < syslog->device_count; i++)
        if (address_equal(syslog->devices[i].address[address.family], address))
            return &syslog->devices[i];
    return NULL;
}

static bool is_name(struct syslog_text host)
{
    for (size_t i = 0; i < host.size; i++) {
        char c = host.at[i];
        if (!syslog_is_digit(c) && !syslog_is_upper(c) && !(c >= 'a' && c <= 'z') &&
            !strchr("._:-", c))
            return false;
    }
    return host.size > 0 && host.size < NET_NAME_MAX;
}

bool device_by_host(const struct net_syslog *syslog, struct syslog_text host,
                    char name[NET_NAME_MAX])
{
    struct address address;
    if (!is_name(host))
        return false;
    memcpy(name, host.at, host.size);
    name[host.size] = '\0';
    const struct net_device *device =
        address_parse(name, &address) ? device_by_address(syslog, address) : NULL;
    if (device)
        memcpy(name, device->name, sizeof device->name);
    return true;
}
