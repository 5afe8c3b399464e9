// SPDX-License-Identifier: ISC
// Whom pages go to, and how: what is missing here would be missed in an outage.
#include "net/check_inside.h"

#include <string.h>

static uint32_t line_at(const struct check *c, const char *list, uint32_t index, const char *key)
{
    const struct tree_node *alert = tree_find(c->root, "alert");
    const struct tree_node *entry = tree_at(tree_find(alert, list), index);
    const struct tree_node *value = key ? tree_find(entry, key) : NULL;
    return value ? value->key_line : entry ? entry->line : line_in(c, "alert", list);
}

// Names of one list; each has its place, `stride` bytes apart.
struct named {
    const char *list, *first;
    uint32_t count;
    size_t stride;
};

static void check_names_differ(const struct check *c, struct named named)
{
    for (uint32_t i = 0; i < named.count; i++)
        for (uint32_t j = 0; j < i; j++) {
            const char *name = named.first + i * named.stride;
            if (name[0] && strcmp(name, named.first + j * named.stride) == 0)
                net_errors_add(c->errors, NET_ERROR, line_at(c, named.list, i, "name"),
                               "alert.%s[%u].name: '%s' is also the name of alert.%s[%u]: give "
                               "each its own",
                               named.list, i, name, named.list, j);
        }
}

// What a channel of a kind cannot do without, and how its URL begins.
struct needs {
    bool url, address, secret, program;
    const char *schemes[2];
};

// clang-format off
static const struct needs needs[NET_CHANNEL_KINDS] = {
    [NET_CHANNEL_WEBHOOK] = {.url = true, .schemes = {"https://", "http://"}},
    [NET_CHANNEL_EMAIL] = {.url = true, .address = true, .schemes = {"smtps://", "smtp://"}},
    [NET_CHANNEL_SLACK] = {.url = true, .schemes = {"https://", "http://"}},
    [NET_CHANNEL_TEAMS] = {.url = true, .schemes = {"https://", "http://"}},
    [NET_CHANNEL_PAGERDUTY] = {.secret = true, .schemes = {"https://", "http://"}},
    [NET_CHANNEL_OPSGENIE] = {.secret = true, .schemes = {"https://", "http://"}},
    [NET_CHANNEL_ALERTMANAGER] = {.url = true, .schemes = {"https://", "http://"}},
    [NET_CHANNEL_PROGRAM] = {.program = true, .schemes = {"", ""}},
};
// clang-format on

static void miss(const struct check *c, uint32_t i, const char *key, const char *remedy)
{
    net_errors_add(c->errors, NET_ERROR, line_at(c, "channels", i, "kind"),
                   "alert.channels[%u].%s is missing: %s needs one: %s", i, key,
                   net_channel_kind_names[c->net->alert.channels[i].kind], remedy);
}

static void check_scheme(const struct check *c, uint32_t i, const char *key, const char *url)
{
    const struct needs *need = &needs[c->net->alert.channels[i].kind];
    for (int n = 0; n < 2; n++)
        if (strncmp(url, need->schemes[n], strlen(need->schemes[n])) == 0)
            return;
    net_errors_add(c->errors, NET_ERROR, line_at(c, "channels", i, key),
                   "alert.channels[%u].%s: '%.64s' is not what this channel speaks: begin it with "
                   "%s or %s",
                   i, key, url, need->schemes[0], need->schemes[1]);
}

static void check_way_out(const struct check *c, uint32_t i)
{
    for (uint32_t u = 0; u < c->net->upstream_count; u++) {
        const struct net_selection *select = &c->net->upstreams[u].select;
        bool pinned = select->device[0] || select->source[FAMILY_IPV4].family ||
                      select->source[FAMILY_IPV6].family;
        if (c->net->alert.channels[i].upstreams >> u & 1 && !pinned)
            net_errors_add(c->errors, NET_ERROR, line_at(c, "channels", i, "upstreams"),
                           "alert.channels[%u].upstreams: nothing but a mark leads through '%s', "
                           "and pages cannot be marked: give its probe a source or a device",
                           i, c->net->upstreams[u].name);
    }
}

static void check_channel(const struct check *c, uint32_t i)
{
    const struct net_channel *channel = &c->net->alert.channels[i];
    const struct needs *need = &needs[channel->kind];
    if (need->url && !channel->url[0] && !channel->secret_file[0])
        miss(c, i, "url", "write where it posts to, or the file that holds that");
    if (need->address && !channel->from[0])
        miss(c, i, "from", "write the sender's address");
    if (need->address && !channel->to[0])
        miss(c, i, "to", "write the receiver's address");
    if (need->secret && !channel->secret_file[0])
        miss(c, i, "secret_file", "write the file that holds its key");
    if (need->program && !channel->program[0])
        miss(c, i, "program", "write its path");
    if (channel->program[0] && channel->program[0] != '/')
        net_errors_add(c->errors, NET_ERROR, line_at(c, "channels", i, "program"),
                       "alert.channels[%u].program: '%s' is not a whole path: write one that "
                       "begins with '/'",
                       i, channel->program);
    if (channel->url[0])
        check_scheme(c, i, "url", channel->url);
    if (channel->heartbeat_to[0] && !need->address)
        check_scheme(c, i, "heartbeat_to", channel->heartbeat_to);
    check_way_out(c, i);
}

static void check_team(const struct check *c, uint32_t t)
{
    const struct net_team *team = &c->net->alert.teams[t];
    for (uint32_t i = 0; i < team->substitute_count; i++)
        if (team->substitutes[i].until_s <= team->substitutes[i].from_s)
            net_errors_add(c->errors, NET_ERROR, line_at(c, "teams", t, "substitutes"),
                           "alert.teams[%u].substitutes[%u].until: is not after from: write when "
                           "it ends",
                           t, i);
}

static void check_severities(const struct check *c)
{
    const struct net_alert *alert = &c->net->alert;
    uint32_t teams = 0;
    for (uint32_t g = 0; g < NET_GRAVITIES; g++) {
        teams |= alert->gravities[g].teams;
        if (g > 0 && alert->gravities[g - 1].teams && !alert->gravities[g].teams)
            net_errors_add(c->errors, NET_WARNING, line_in(c, "alert", "severities"),
                           "alert.severities: a graver outage pages nobody where a lesser one "
                           "does: write its teams");
    }
    if (alert->channel_count > 0 && teams == 0)
        net_errors_add(c->errors, NET_WARNING, line_in(c, "alert", "channels"),
                       "alert.channels: no severity names a team: nobody will be paged");
}

void check_alert(const struct check *c)
{
    const struct net_alert *alert = &c->net->alert;
    check_names_differ(c, (struct named){"channels", alert->channels[0].name, alert->channel_count,
                                         sizeof alert->channels[0]});
    check_names_differ(c, (struct named){"people", alert->people[0].name, alert->person_count,
                                         sizeof alert->people[0]});
    check_names_differ(c, (struct named){"teams", alert->teams[0].name, alert->team_count,
                                         sizeof alert->teams[0]});
    for (uint32_t i = 0; c->sound && i < alert->channel_count; i++)
        check_channel(c, i);
    for (uint32_t t = 0; c->sound && t < alert->team_count; t++)
        check_team(c, t);
    if (c->sound)
        check_severities(c);
    if (alert->spool[0] && alert->spool[0] != '/')
        net_errors_add(c->errors, NET_ERROR, line_in(c, "alert", "spool"),
                       "alert.spool: '%s' is not a whole path: write one that begins with '/'",
                       alert->spool);
}
