// SPDX-License-Identifier: ISC
// Channels, people, teams and their rotas, as the file has them and as it may not.
#include "base/check.h"
#include "base/civil.h"
#include "net/parse.h"

#include <stdlib.h>
#include <string.h>

static const char file[] =
    "site: fra1\n"
    "bgp: {as: 64500, router_id: 198.51.100.5}\n"
    "routers: [{name: edge1, address: 198.51.100.1, families: [ipv4]}]\n"
    "upstreams:\n"
    "  - {name: transit-a, router: edge1, next_hop: 10.0.1.1, probe: {mark: 1}}\n"
    "  - {name: transit-b, router: edge1, next_hop: 10.0.2.1, probe: {source: 192.0.2.1}}\n"
    "targets:\n"
    "  - {name: far-1, address: 203.0.113.10}\n"
    "  - {name: far-2, address: 203.0.113.138}\n"
    "steer: {prefixes: 203.0.113.0/24, marker: 64500:666:1}\n"
    "alert:\n"
    /* 12 */ "  spool: /var/lib/fairlead/pages\n"
    /* 13 */ "  channels:\n"
    /* 14 */ "    - {name: mail, kind: email, url: 'smtp://mx:25', from: a@b, to: c@d}\n"
    /* 15 */ "    - {name: phone, kind: pagerduty, secret_file: /key, upstreams: transit-b}\n"
    /* 16 */ "    - {name: hook, kind: webhook, url: 'https://h/', heartbeat_s: 60}\n"
    /* 17 */ "  people:\n"
    /* 18 */ "    - {name: anna, channels: [phone, mail]}\n"
    /* 19 */ "    - {name: ben, channels: mail}\n"
    /* 20 */ "  teams:\n"
    /* 21 */ "    - name: network\n"
    /* 22 */ "      zone: Europe/Berlin\n"
    /* 23 */ "      rota:\n"
    /* 24 */ "        - {people: [anna, ben], from: 2026-01-05 09:00, hand_over: tuesday 08:30}\n"
    /* 25 */ "        - {people: [ben], from: 2026-01-05 09:00, days: [saturday, sunday],\n"
    /* 26 */ "           hours: '22:00-06:00', weeks: 2}\n"
    /* 27 */ "      substitutes: [{from: 2026-12-24 18:00, until: 2026-12-27 09:00, person: ben,\n"
    /* 28 */ "                     instead_of: anna}]\n"
    /* 29 */ "  severities:\n"
    /* 30 */ "    major: {teams: network, acknowledge_s: 120}\n"
    /* 31 */ "    critical: {teams: network}\n";

static int64_t local_s(int32_t year, uint32_t month, uint32_t day, int64_t hour)
{
    return civil_days((struct civil){year, month, day}) * CIVIL_DAY_S + hour * 3600;
}

static void fills_in(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    struct net_errors errors;
    bool good = net_parse(file, sizeof file - 1, "f", net, &errors);
    if (!good || errors.count > 0)
        fail_msg("%s", errors.count ? errors.items[0].text : "?");
    const struct net_alert *alert = &net->alert;
    assert_true(alert->channel_count == 3 && alert->person_count == 2 && alert->team_count == 1);
    assert_true(alert->channels[1].kind == NET_CHANNEL_PAGERDUTY &&
                alert->channels[1].upstreams == 2 && alert->channels[1].heartbeat_ns == 0);
    assert_true(alert->channels[2].heartbeat_ns == 60ll * NS_PER_S &&
                alert->channels[2].timeout_ns == 10ll * NS_PER_S);
    const struct net_order *order = &alert->people[0].channels;
    assert_true(order->count == 2 && order->items[0] == 1 && order->items[1] == 0);
    const struct net_team *team = &alert->teams[0];
    assert_string_equal(team->zone, "Europe/Berlin");
    assert_true(team->layer_count == 2 && team->second_count == 0 && team->substitute_count == 1);
    assert_int_equal(team->layers[0].from_s, local_s(2026, 1, 5, 9));
    assert_int_equal(team->layers[0].hand_over_min, 24 * 60 + 8 * 60 + 30);
    assert_true(team->layers[0].weeks == 1 && team->layers[0].days == 0 &&
                team->layers[0].begin_min == team->layers[0].end_min);
    assert_true(team->layers[1].weeks == 2 && team->layers[1].days == (1 << 5 | 1 << 6) &&
                team->layers[1].begin_min == 22 * 60 && team->layers[1].end_min == 6 * 60 &&
                team->layers[1].hand_over_min == 9 * 60);
    const struct net_substitute *substitute = &team->substitutes[0];
    assert_true(substitute->from_s == local_s(2026, 12, 24, 18) &&
                substitute->until_s == local_s(2026, 12, 27, 9) && substitute->person == 1 &&
                substitute->instead_of.count == 1 && substitute->instead_of.items[0] == 0);
    assert_true(alert->gravities[0].teams == 0 && alert->gravities[1].teams == 1 &&
                alert->gravities[2].teams == 1);
    assert_int_equal(alert->gravities[2].acknowledge_ns, 120ll * NS_PER_S);
    assert_true(alert->pages_per_hour_max == 30 && !alert->page_planned);
    free(net);
}

static const struct {
    const char *name, *find, *replacement, *expected;  // the first error, with its line
} rows[] = {
    {"two of a name", "name: phone", "name: mail",
     "15: alert.channels[1].name: 'mail' is also the name of alert.channels[0]: give each its own"},
    {"no such kind", "kind: webhook", "kind: sms",
     "16: alert.channels[2].kind: 'sms' is not known here: write webhook | email | slack | teams | "
     "pagerduty | opsgenie | alertmanager | program"},
    {"e-mail to nobody", ", to: c@d", "",
     "14: alert.channels[0].to is missing: email needs one: write the receiver's address"},
    {"e-mail by HTTP", "smtp://mx", "http://mx",
     "14: alert.channels[0].url: 'http://mx:25' is not what this channel speaks: begin it with "
     "smtps:// or smtp://"},
    {"no key", "secret_file: /key, ", "",
     "15: alert.channels[1].secret_file is missing: pagerduty needs one: write the file that holds "
     "its key"},
    {"no URL", "url: 'https://h/', ", "",
     "16: alert.channels[2].url is missing: webhook needs one: write where it posts to, or the "
     "file that holds that"},
    {"a program of no path", "kind: webhook, url: 'https://h/'", "kind: program, program: page",
     "16: alert.channels[2].program: 'page' is not a whole path: write one that begins with '/'"},
    {"a way that needs a mark", "upstreams: transit-b", "upstreams: transit-a",
     "15: alert.channels[1].upstreams: nothing but a mark leads through 'transit-a', and pages "
     "cannot be marked: give its probe a source or a device"},
    {"a channel that is not there", "[phone, mail]", "[fone, mail]",
     "18: alert.people[0].channels: 'fone' is no channel: did you mean 'phone'?"},
    {"nobody", "[anna, ben]", "[anna, carl]",
     "24: alert.teams[0].rota[0].people: 'carl' is nobody: write names from alert.people"},
    {"no such day", "2026-01-05 09:00, hand", "2026-02-29 09:00, hand",
     "24: alert.teams[0].rota[0].from: '2026-02-29 09:00' is not a local time: write one such as "
     "2026-03-30 09:00"},
    {"no time of a week", "tuesday 08:30", "tuesday 8:30",
     "24: alert.teams[0].rota[0].hand_over: 'tuesday 8:30' is not a time of the week: write one "
     "such as monday 09:00"},
    {"no day of a week", "[saturday, sunday]", "[sat]",
     "25: alert.teams[0].rota[1].days: 'sat' is not a day of the week: write monday to sunday"},
    {"no hours", "22:00-06:00", "22:00-25:00",
     "26: alert.teams[0].rota[1].hours: '22:00-25:00' are not hours of a day: write them such as "
     "09:00-17:00"},
    {"a zone from elsewhere", "Europe/Berlin", "'../../etc/passwd'",
     "22: alert.teams[0].zone: '../../etc/passwd' is not the name of a time zone: write one such "
     "as Europe/Berlin"},
    {"a substitute that ends before", "until: 2026-12-27", "until: 2026-12-23",
     "27: alert.teams[0].substitutes[0].until: is not after from: write when it ends"},
    {"no such team", "critical: {teams: network}", "critical: {teams: netwrk}",
     "31: alert.severities.critical.teams: 'netwrk' is no team: did you mean 'network'?"},
    {"nobody is paged for the gravest", "    critical: {teams: network}\n", "",
     "29: warning: alert.severities: a graver outage pages nobody where a lesser one does: write "
     "its teams"},
    {"nobody is paged",
     "    major: {teams: network, acknowledge_s: 120}\n    critical: {teams: network}\n",
     "    major: {acknowledge_s: 120}\n",
     "13: warning: alert.channels: no severity names a team: nobody will be paged"},
    {"too patient", "acknowledge_s: 120", "acknowledge_s: 5",
     "30: alert.severities.major.acknowledge_s: '5' is too little: write 10 to 86400 (not "
     "acknowledged by then: the secondary is paged too, and once more later the whole team)"},
    {"a spool somewhere", "/var/lib/fairlead/pages", "pages",
     "12: alert.spool: 'pages' is not a whole path: write one that begins with '/'"},
};

static void tells_what_is_wrong(void **state)
{
    (void)state;
    struct net *net = calloc(1, sizeof *net);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[4096], line[NET_ERROR_LINE_MAX] = "f:";
        const char *at = strstr(file, rows[i].find);
        assert_non_null(at);
        int size = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - file), file,
                            rows[i].replacement, at + strlen(rows[i].find));
        struct net_errors errors;
        (void)net_parse(text, (size_t)size, "f", net, &errors);
        if (errors.count > 0)
            net_error_format(&errors, 0, line, sizeof line);
        if (strcmp(line + 2, rows[i].expected) != 0)
            fail_msg("row '%s': %u errors: %s", rows[i].name, errors.count, line);
    }
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in),
        cmocka_unit_test(tells_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
