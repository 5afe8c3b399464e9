// SPDX-License-Identifier: ISC
// What `fairlead feed` says: sentences, or with --json one object a line with "time" and "at_ns"
// (the monotonic clock, to be compared with that of a watcher on the same machine).
#include "cmd/feed.h"

#include "role/endpoint.h"
#include "role/now.h"
#include "role/teller.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void feed_problem(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "fairlead: feed: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
}

// Takes `facts`; the event, the time and the clock stand before them.
static void print_facts(const char *event, struct mono at, json_t *facts)
{
    char time[TELLER_TIME_MAX];
    json_t *line = json_pack("{s:s, s:s, s:I}", "event", event, "time",
                             teller_time(now_wall(), time), "at_ns", (json_int_t)at.ns);
    if (line && facts && json_object_update(line, facts) == 0) {
        json_dumpf(line, stdout, JSON_COMPACT);
        printf("\n");
        fflush(stdout);
    }
    json_decref(line);
    json_decref(facts);
}

static double seconds(struct mono from, struct mono to)
{
    return (double)mono_since_ns(to, from) / NS_PER_S;
}

static const struct feed_view *view_of(const struct feed_archive *archive)
{
    return &archive->views[archive->chosen];
}

static void tell_routes(const struct feed_archive *archive)
{
    char address[ADDRESS_TEXT_MAX];
    const struct feed_view *view = view_of(archive);
    printf("plays AS%u, %s:", view->as, address_format(view->address, address));
    if (archive->table.count > 0)
        printf(" %zu routes with %u sets of attributes", archive->table.count,
               archive->table.sets.count);
    if (archive->replay.count > 0)
        printf("%s %zu updates", archive->table.count > 0 ? ", then" : "", archive->replay.count);
    printf("\n");
}

static void tell_next_hops(const struct feed_options *o)
{
    char address[ADDRESS_TEXT_MAX];
    const char *before = "; next hop ";
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        if (o->next_hop[family].family == FAMILY_NONE)
            continue;
        printf("%s%s", before, address_format(o->next_hop[family], address));
        before = " and ";
    }
    if (before[0] == ';')
        printf(o->next_hop_self ? "; next hop: ourselves" : "; next hops as recorded");
}

void feed_tell_plan(const struct feed_options *o, const struct feed_archive *archive)
{
    char to[ENDPOINT_TEXT_MAX], id[ADDRESS_TEXT_MAX];
    const struct feed_view *view = view_of(archive);
    endpoint_format(o->peer.address, o->peer.port, to);
    if (o->json) {
        print_facts("read", now_mono(),
                    json_pack("{s:s, s:i, s:i, s:s, s:I, s:I, s:I}", "to", to, "local_as",
                              (int)o->local_as, "view_as", (int)view->as, "view",
                              address_format(view->address, id), "routes",
                              (json_int_t)archive->table.count, "attribute_sets",
                              (json_int_t)archive->table.sets.count, "updates",
                              (json_int_t)archive->replay.count));
        return;
    }
    uint8_t octets[4] = {(uint8_t)(o->id >> 24), (uint8_t)(o->id >> 16), (uint8_t)(o->id >> 8),
                         (uint8_t)o->id};
    tell_routes(archive);
    printf("to %s as AS%u, id %s", to, o->local_as,
           address_format(address_from_bytes(FAMILY_IPV4, octets), id));
    tell_next_hops(o);
    printf("\n");
    fflush(stdout);
}

static const char *families_word(const bool families[FAMILIES])
{
    static const char *const words[2][2] = {{"no family", "IPv6"}, {"IPv4", "IPv4 and IPv6"}};
    return words[families[FAMILY_IPV4]][families[FAMILY_IPV6]];
}

static const char *flag(bool given)
{
    return given ? "" : "no ";
}

void feed_tell_up(const struct feed_options *o, const struct bgp_session *session)
{
    const struct bgp_context *context = &session->context;
    bool internal = context->peer == BGP_INTERNAL;
    bool add_path = context->add_path_send[FAMILY_IPV4] || context->add_path_send[FAMILY_IPV6];
    if (o->json) {
        print_facts("up", now_mono(),
                    json_pack("{s:I, s:b, s:i, s:b, s:b, s:b, s:b, s:b}", "peer_as",
                              (json_int_t)session->peer.asn, "internal", internal, "hold_s",
                              (int)session->hold_s, "ipv4", context->families[FAMILY_IPV4], "ipv6",
                              context->families[FAMILY_IPV6], "as4", context->as4, "add_path",
                              add_path, "extended_messages", context->extended_message));
        return;
    }
    printf("up: AS%u (%s), hold time %u s, %s, %s4-octet AS numbers, %sADD-PATH, "
           "%sextended messages\n",
           session->peer.asn, internal ? "internal" : "external", session->hold_s,
           families_word(context->families), flag(context->as4), flag(add_path),
           flag(context->extended_message));
    fflush(stdout);
}

static void tell_left_out(const struct feed_left_out *left_out, const char *what)
{
    if (left_out->count > 0)
        feed_problem("%" PRIu64 " %s left out: %s%s", left_out->count, what, left_out->reason,
                     left_out->count > 1 ? " (the first)" : "");
}

void feed_tell_encoded(const struct feed_options *o, const struct feed_output *output,
                       const struct feed_schedule *schedule)
{
    const struct feed_counts *counts = &output->counts;
    tell_left_out(&counts->bad, "routes are malformed and");
    tell_left_out(&counts->unwanted, "routes are");
    tell_left_out(&schedule->bad, "recorded changes are malformed and");
    tell_left_out(&schedule->unwanted, "recorded changes are");
    if (o->json)
        print_facts("encoded", now_mono(),
                    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "routes_ipv4",
                              (json_int_t)counts->routes[FAMILY_IPV4], "routes_ipv6",
                              (json_int_t)counts->routes[FAMILY_IPV6], "messages",
                              (json_int_t)output->announce.messages, "bytes",
                              (json_int_t)output->announce.size, "left_out",
                              (json_int_t)(counts->bad.count + counts->unwanted.count), "updates",
                              (json_int_t)schedule->count));
}

void feed_tell_begun(const struct feed_options *o, const char *step, struct mono at)
{
    if (o->json)
        print_facts("begun", at, json_pack("{s:s}", "step", step));
}

void feed_tell_done(const struct feed_options *o, const char *step, const struct feed_stats *stats)
{
    double took_s = seconds(stats->began, stats->ended);
    uint64_t routes = stats->announced + stats->withdrawn;
    if (o->json) {
        print_facts("done", stats->ended,
                    json_pack("{s:s, s:I, s:I, s:I, s:I, s:f, s:f}", "step", step, "announced",
                              (json_int_t)stats->announced, "withdrawn",
                              (json_int_t)stats->withdrawn, "messages", (json_int_t)stats->messages,
                              "bytes", (json_int_t)stats->bytes, "seconds", took_s, "late_ms",
                              (double)stats->late_ns / NS_PER_MS));
        return;
    }
    if (stats->announced > 0 && stats->withdrawn > 0)
        printf("%s: %" PRIu64 " routes announced and %" PRIu64 " withdrawn", step, stats->announced,
               stats->withdrawn);
    else
        printf("%s: %" PRIu64 " routes", step, routes);
    printf(" in %" PRIu64 " messages, %.1f MB, %.3f s", stats->messages, (double)stats->bytes / 1e6,
           took_s);
    if (stats->late_ns > 0)
        printf(", late by %.1f ms at most", (double)stats->late_ns / NS_PER_MS);
    else if (took_s > 0)
        printf(": %.0f routes/s", (double)routes / took_s);
    printf("\n");
    fflush(stdout);
}

void feed_tell_rest(const struct feed_options *o)
{
    if (o->json)
        print_facts("rests", now_mono(), json_object());
    else if (o->stay_s < 0)
        printf("the session stays until Ctrl-C; then the peer forgets what was announced\n");
    else if (o->stay_s > 0)
        printf("the session stays for %" PRId64 " s\n", o->stay_s);
    fflush(stdout);
}

void feed_tell_down(const struct feed_options *o, const char *reason, bool asked)
{
    if (o->json)
        print_facts("down", now_mono(), json_pack("{s:s, s:b}", "reason", reason, "asked", asked));
    else if (asked)
        printf("ended: the peer forgets what was announced\n");
    fflush(stdout);
    if (!asked)
        feed_problem("%s", reason);
}

void feed_tell_progress(const struct feed_options *o, size_t done, size_t all)
{
    if (o->json || !isatty(STDERR_FILENO))
        return;
    if (done < all)
        fprintf(stderr, "\r%3zu %%", done * 100 / all);
    else
        fprintf(stderr, "\r     \r");
}
