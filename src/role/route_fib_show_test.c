// SPDX-License-Identifier: ISC
// The answer to "what do kernels forward otherwise": every number and name of it, both families,
// over more findings than one step of it tells.
#include "role/route_fib_show.h"

#include "rib/fib_check.h"
#include "role/route.h"

#include <stdlib.h>

enum { FIRST = 10, MANY = 150, EDGE1 = 0, EDGE2, EDGE3, EDGE4, EDGES };

struct site {
    struct fib_world kernel;  // of edge1; edge2's is like it
    struct fib *unread;       // of edge3; edge4 has none
    struct route_fib fibs[EDGES];
    struct route_role *role;
};

// Prefix 1 is not in the kernel, prefix 2 goes elsewhere, a rule asks another table first; many
// more are chosen and missing.
static void site_init(struct site *s, enum family family)
{
    static const char *const names[] = {"edge1", "edge2", "edge3", "edge4"};
    struct fib_world *w = &s->kernel;
    fib_world_init(w, family);
    fib_hears_gone(w, fib_route_by(fib_prefix(w, 1), w, 1));
    fib_hears(w, fib_route_by(fib_prefix(w, 2), w, 2));
    for (uint32_t n = FIRST; n < FIRST + MANY; n++)
        fib_learns(w, 0, fib_prefix(w, n), fib_gateway(w, 1), 0);
    struct kernel_message other = fib_route_by(fib_prefix(w, 3), w, 100);
    other.route.table = 99;
    fib_hears(w, other);
    fib_hears(w, fib_policy(w, 100, 99));
    fib_wait(w, 60 * 1000);
    for (int i = 0; i < EDGES; i++) {
        strcpy(w->net.routers[i].name, names[i]);
        w->net.routers[i].fib = (struct net_fib){.from = NET_FIB_LOCAL, .table = 254};
    }
    w->net.router_count = EDGES;
    w->net.routers[EDGE3].fib = (struct net_fib){
        .from = NET_FIB_AGENT, .address = check_address("2001:db8::5"), .port = 4711};
    struct fib_options options = {.net = &w->net, .router = EDGE3, .tell = fib_keep_told};
    s->unread = fib_new(w->rib, &options, (struct siphash_key){5, 6});
    s->role = calloc(1, sizeof *s->role);
    s->role->net = &w->net;
    s->role->now = w->now;
    s->role->fibs = s->fibs;
    s->fibs[EDGE1] = (struct route_fib){.fib = w->fib};
    s->fibs[EDGE2] = (struct route_fib){.fib = w->fib};
    s->fibs[EDGE3] = (struct route_fib){.fib = s->unread};
    s->fibs[EDGE4] = (struct route_fib){0};
}

static void site_done(struct site *s)
{
    free(s->role);
    fib_free(s->unread);
    fib_world_done(&s->kernel);
}

static json_t *answer(struct site *s, const char *router, uint32_t *steps)
{
    struct route_job job = {.role = s->role, .fd = -1, .ask.kind = ASK_FIB};
    json_t *lines = json_array();
    strcpy(job.ask.fib.router, router);
    for (*steps = 1; route_fib_show(&job); ++*steps)
        ;
    for (size_t at = 0; at < job.out_end;) {
        json_error_t error;
        json_t *line = json_loadb(job.out + at, job.out_end - at, JSON_DISABLE_EOF_CHECK, &error);
        assert_non_null(line);
        json_array_append_new(lines, line);
        at += (size_t)error.position + 1;
    }
    route_fib_show_done(&job);
    free(job.out);
    return lines;
}

// A member of an object, as text; "" when there is none.
static void check_member(const json_t *object, const char *key, const char *expected)
{
    const json_t *value = json_object_get(object, key);
    char text[512] = "";
    if (json_is_string(value))
        snprintf(text, sizeof text, "%s", json_string_value(value));
    else if (value)
        text[json_dumpb(value, text, sizeof text - 1, JSON_ENCODE_ANY | JSON_SORT_KEYS)] = '\0';
    if (strcmp(text, expected) != 0)
        fail_msg("'%s' is '%s', not '%s'", key, text, expected);
}

struct member {
    const char *key, *value;
};

static void check_members(const json_t *object, const struct member *members)
{
    assert_non_null(object);
    for (; members->key; members++)
        check_member(object, members->key, members->value);
}

// Told a minute before the question at most, as a time of day.
static void check_lately(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    assert_true(text[0] == '2' && strchr(text, 'T') && strchr(text, ':'));
}

// The finding about this prefix, or of this class.
static const json_t *finding_of(const json_t *lines, const char *key, const char *value)
{
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        const json_t *finding = json_object_get(line, "finding");
        const char *found = json_string_value(json_object_get(finding, key));
        if (found && strcmp(found, value) == 0)
            return finding;
    }
    return NULL;
}

static void check_findings(struct site *s, json_t *lines, enum family family)
{
    char missing[PREFIX_TEXT_MAX], elsewhere[PREFIX_TEXT_MAX], hops[128];
    char total[16];
    bool v4 = family == FAMILY_IPV4;
    snprintf(total, sizeof total, "%d", PREFIXES + MANY);
    prefix_format(fib_prefix(&s->kernel, 1), missing);
    prefix_format(fib_prefix(&s->kernel, 2), elsewhere);
    const json_t *first = finding_of(lines, "prefix", missing);
    check_members(first, (struct member[]){{"router", "edge1"},
                                           {"class", "missing"},
                                           {"subject", "null"},
                                           {"count", "1"},
                                           {"total", total},
                                           {0}});
    check_lately(first, "since");
    const json_t *second = finding_of(lines, "prefix", elsewhere);
    check_members(second, (struct member[]){{"class", "next_hop"}, {"count", "1"}, {0}});
    snprintf(hops, sizeof hops, "%s", json_string_value(json_object_get(second, "evidence")));
    assert_non_null(strstr(hops, v4 ? "10.0.0.2 eth1" : "fd00::2 eth1"));
    check_members(finding_of(lines, "class", "rule"),
                  (struct member[]){{"subject", v4 ? "rule 100 ipv4" : "rule 100 ipv6"},
                                    {"prefix", "null"},
                                    {"total", total},
                                    {0}});
}

static void tells_every_finding(void **state)
{
    (void)state;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        struct site s;
        uint32_t steps;
        char chosen[16], found[64], findings[16], compared[16];
        bool v4 = family == FAMILY_IPV4;
        site_init(&s, family);
        json_t *lines = answer(&s, "", &steps);
        size_t count = json_array_size(lines);
        snprintf(chosen, sizeof chosen, "%d", PREFIXES + MANY);
        snprintf(compared, sizeof compared, "%d", PREFIXES + MANY + 2);  // two links' networks
        snprintf(found, sizeof found, "{\"missing\": %d, \"next_hop\": 1, \"rule\": 1}", MANY + 1);
        snprintf(findings, sizeof findings, "%zu", count - 4);
        const json_t *kernel = json_object_get(json_array_get(lines, 0), "kernel");
        check_members(kernel, (struct member[]){{"router", "edge1"},
                                                {"from", "local"},
                                                {"known", "true"},
                                                {"reason", "null"},
                                                {"table", "254"},
                                                {"routes_ipv4", v4 ? "4" : "0"},
                                                {"routes_ipv6", v4 ? "0" : "4"},
                                                {"compared", compared},
                                                {"chosen", chosen},
                                                {"unknown", "2"},
                                                {"found", found},
                                                {0}});
        check_lately(kernel, "compared_at");
        check_findings(&s, lines, family);
        kernel = json_object_get(json_array_get(lines, count - 2), "kernel");
        check_members(kernel, (struct member[]){{"router", "edge3"},
                                                {"from", "agent 2001:db8::5 port 4711"},
                                                {"known", "false"},
                                                {"reason", "not read yet"},
                                                {"compared_at", "null"},
                                                {"found", "{}"},
                                                {0}});
        check_members(
            json_array_get(lines, count - 1),
            (struct member[]){
                {"done", "true"}, {"kernels", "3"}, {"lost", "1"}, {"findings", findings}, {0}});
        assert_true(count - 4 > 2 * 64 && count % 2 == 0 && steps > 7);
        json_decref(lines);
        lines = answer(&s, "edge3", &steps);
        assert_int_equal(json_array_size(lines), 2);
        check_member(json_array_get(lines, 1), "kernels", "1");
        json_decref(lines);
        site_done(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_every_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
