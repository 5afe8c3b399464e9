// SPDX-License-Identifier: ISC
#include "role/route_fib_show.h"

#include "base/escape.h"
#include "role/now.h"
#include "role/route.h"
#include "role/teller.h"

#include <stdlib.h>
#include <string.h>

enum { FINDINGS_PER_STEP = 64 };  // some hundred microseconds of JSON

struct place {  // where the answer stands
    uint32_t router, finding;
    bool in_router;                    // it was told, its findings not all
    uint32_t kernels, lost, findings;  // told so far; lost: of the kernels, not known
};

static json_t *time_or_null(const struct route_role *r, struct mono at)
{
    char text[TELLER_TIME_MAX];
    if (at.ns == 0)
        return json_null();
    return json_string(teller_time((struct wall){now_wall().ns + (at.ns - r->now.ns)}, text));
}

// Links are called by any octets; NULL stays null.
static json_t *harmless(const char *text)
{
    char safe[4 * FIB_TEXT_MAX];
    if (!text)
        return json_null();
    escape_text(text, strlen(text), safe, sizeof safe);
    return json_string(safe);
}

static json_t *source_json(const struct net_fib *configured)
{
    char text[ADDRESS_TEXT_MAX];
    if (configured->from != NET_FIB_AGENT)
        return json_string("local");
    return json_sprintf("agent %s port %u", address_format(configured->address, text),
                        configured->port);
}

static json_t *found_json(const struct fib_summary *summary)
{
    json_t *found = json_object();
    for (enum fib_verdict verdict = FIB_MISSING; verdict < FIB_VERDICTS; verdict++) {
        if (summary->found[verdict] > 0)
            json_object_set_new(found, fib_verdict_name(verdict),
                                json_integer(summary->found[verdict]));
    }
    return found;
}

static void say_kernel(struct route_job *job, uint32_t router, const struct fib *fib)
{
    const struct route_role *r = job->role;
    const struct net_router *configured = &r->net->routers[router];
    struct fib_summary summary = fib_summary(fib);
    const char *why = fib_why_unknown(fib);
    route_job_say(
        job,
        json_pack("{s:{s:s, s:o, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}}", "kernel",
                  "router", configured->name, "from", source_json(&configured->fib), "known", !why,
                  "reason", harmless(why), "table", (json_int_t)configured->fib.table,
                  "routes_ipv4", (json_int_t)summary.routes[FAMILY_IPV4], "routes_ipv6",
                  (json_int_t)summary.routes[FAMILY_IPV6], "compared",
                  (json_int_t)summary.counts.compared, "chosen", (json_int_t)summary.counts.chosen,
                  "unknown", (json_int_t)summary.counts.unknown, "compared_at",
                  time_or_null(r, summary.compared_at), "found", found_json(&summary)));
}

static void say_finding(struct route_job *job, uint32_t router, const struct fib_finding *finding)
{
    char prefix[PREFIX_TEXT_MAX];
    bool any = finding->prefix.address.family != FAMILY_NONE;
    route_job_say(job, json_pack("{s:{s:s, s:s, s:s?, s:o, s:I, s:I, s:o, s:o}}", "finding",
                                 "router", job->role->net->routers[router].name, "class",
                                 fib_verdict_name(finding->verdict), "prefix",
                                 any ? prefix_format(finding->prefix, prefix) : NULL, "subject",
                                 harmless(finding->subject[0] ? finding->subject : NULL), "count",
                                 (json_int_t)finding->count, "total", (json_int_t)finding->total,
                                 "since", time_or_null(job->role, finding->since), "evidence",
                                 harmless(finding->text)));
}

static struct place *begin(struct route_job *job)
{
    const struct net *net = job->role->net;
    const char *name = job->ask.fib.router;
    if (name[0] && net_router_by_name(net, name) == NET_NOBODY) {
        route_job_fail(job, "there is no router '%s' in the configuration", name);
        return NULL;
    }
    job->state = calloc(1, sizeof(struct place));
    if (!job->state)
        route_job_fail(job, "out of memory");
    return job->state;
}

// A router's kernel, or some of its findings; false: that was all of it.
static bool say_some(struct route_job *job, struct place *place, const struct fib *fib)
{
    struct fib_finding finding;
    if (!place->in_router) {
        say_kernel(job, place->router, fib);
        place->in_router = true;
        place->kernels++;
        place->lost += fib_why_unknown(fib) != NULL;
        place->finding = 0;
    }
    for (uint32_t i = 0; i < FINDINGS_PER_STEP; i++, place->findings++) {
        if (!fib_next(fib, &place->finding, &finding))
            return false;
        say_finding(job, place->router, &finding);
    }
    return true;
}

bool route_fib_show(struct route_job *job)
{
    const struct route_role *r = job->role;
    struct place *place = job->state ? job->state : begin(job);
    if (!place)
        return false;
    if (place->router == r->net->router_count) {
        route_job_say(job, json_pack("{s:b, s:I, s:I, s:I}", "done", 1, "kernels",
                                     (json_int_t)place->kernels, "lost", (json_int_t)place->lost,
                                     "findings", (json_int_t)place->findings));
        return false;
    }
    const char *name = job->ask.fib.router;
    const struct fib *fib = route_fib_of(r, place->router);
    bool meant = !name[0] || strcmp(name, r->net->routers[place->router].name) == 0;
    if (meant && fib && say_some(job, place, fib))
        return true;
    place->router++;
    place->in_router = false;
    return true;
}

void route_fib_show_done(struct route_job *job)
{
    free(job->state);
    job->state = NULL;
}
