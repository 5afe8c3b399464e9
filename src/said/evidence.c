// SPDX-License-Identifier: ISC
// An evidence pack for a provider: what became of our packets by its network, in each direction,
// and of each 5-tuple, so that its people can look for the same packets in theirs.
#include "said/past.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

// "transit-a ipv6" is of transit-a.
static bool is_by(const char *path, const char *upstream)
{
    size_t size = strlen(upstream);
    return strncmp(path, upstream, size) == 0 &&
           (strcmp(path + size, " ipv4") == 0 || strcmp(path + size, " ipv6") == 0);
}

json_t *said_upstreams(const struct said_past *past)
{
    json_t *names = json_array();
    const json_t *lists[] = {past->rates, past->facts};
    for (int list = 0; list < 2; list++) {
        size_t i, k;
        json_t *line, *name;
        json_array_foreach(lists[list], i, line)
        {
            const char *path = said_get(line, "path"), *space = strrchr(path, ' ');
            bool lost = said_number(line, "lost") > 0 &&
                        (list == 0 || strcmp(said_get(line, "effect"), "flow") == 0);
            bool known = !space || !lost || strncmp(path, "as-routed", 9) == 0;
            json_array_foreach(names, k, name) known |= is_by(path, json_string_value(name));
            if (!known)
                json_array_append_new(names, json_stringn(path, (size_t)(space - path)));
        }
    }
    return names;
}

// ---- paths

struct sum {
    int64_t samples, lost, forward, reverse;
    int64_t worst_ppm, rtt_before_ns, rtt_during_ns;
    const char *worst_time, *first_loss, *last_loss;
};

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_rate(struct sum *sum, const json_t *rate, bool before)
{
    int64_t samples = said_number(rate, "samples"), lost = said_number(rate, "lost");
    int64_t rtt_ns = said_number(rate, "rtt_p50_ns");
    if (before) {
        sum->rtt_before_ns = greater(sum->rtt_before_ns, rtt_ns);
        return;
    }
    sum->samples += samples;
    sum->lost += lost;
    sum->forward += said_number(rate, "lost_forward");
    sum->reverse += said_number(rate, "lost_reverse");
    sum->rtt_during_ns = greater(sum->rtt_during_ns, rtt_ns);
    if (lost == 0)
        return;
    sum->last_loss = said_get(rate, "time");
    sum->first_loss = sum->first_loss ? sum->first_loss : sum->last_loss;
    if (samples > 0 && lost * 1000000 / samples > sum->worst_ppm) {
        sum->worst_ppm = lost * 1000000 / samples;
        sum->worst_time = sum->last_loss;
    }
}

static json_t *path_json(const struct said_past *past, const char *path)
{
    struct sum sum = {0};
    int64_t onset_ns = INT64_MIN, at_ns;
    size_t i;
    json_t *rate;
    (void)said_time_parse(said_get(past->outage, "onset"), &onset_ns);
    json_array_foreach(past->rates, i, rate)
    {
        if (strcmp(said_get(rate, "path"), path) == 0 &&
            said_time_parse(said_get(rate, "time"), &at_ns))
            add_rate(&sum, rate, at_ns <= onset_ns);
    }
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s?, s:s?, s:s?, s:I, s:I, s:I}", "path", path,
                     "samples", (json_int_t)sum.samples, "lost", (json_int_t)sum.lost,
                     "lost_forward", (json_int_t)sum.forward, "lost_reverse",
                     (json_int_t)sum.reverse, "first_loss", sum.first_loss, "last_loss",
                     sum.last_loss, "worst_time", sum.worst_time, "worst_ppm",
                     (json_int_t)sum.worst_ppm, "rtt_p50_before_ns", (json_int_t)sum.rtt_before_ns,
                     "rtt_p50_during_ns", (json_int_t)sum.rtt_during_ns);
}

static json_t *paths_json(const struct said_past *past, const char *upstream)
{
    static const char *const families[] = {"ipv4", "ipv6"};
    json_t *paths = json_array();
    for (int i = 0; i < 2; i++) {
        char name[256];
        snprintf(name, sizeof name, "%.200s %s", upstream, families[i]);
        json_t *path = path_json(past, name);
        if (said_number(path, "samples") > 0)
            json_array_append(paths, path);
        json_decref(path);
    }
    return paths;
}

// ---- flows and parts

static bool is_same_flow(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"path",        "source",           "destination", "protocol",
                                       "source_port", "destination_port", "label"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i])))
            return false;
    return true;
}

// Of each the last word: it counts from the beginning.
static json_t *flows_json(const struct said_past *past, const char *upstream)
{
    json_t *flows = json_array(), *fact, *flow;
    size_t i, k;
    json_array_foreach(past->facts, i, fact)
    {
        if (strcmp(said_get(fact, "effect"), "flow") != 0 ||
            !is_by(said_get(fact, "path"), upstream))
            continue;
        json_t *copy = json_deep_copy(fact);
        json_object_del(copy, "effect");
        json_object_del(copy, "said");
        json_array_foreach(flows, k, flow) if (is_same_flow(flow, fact)) break;
        if (k < json_array_size(flows))
            json_array_set_new(flows, k, copy);
        else
            json_array_append_new(flows, copy);
    }
    return flows;
}

static json_t *faults_json(const struct said_past *past, const char *upstream)
{
    json_t *faults = json_array(), *fact;
    size_t i;
    json_array_foreach(past->facts, i, fact)
    {
        const char *state = said_get(fact, "state");
        if (strcmp(said_get(fact, "effect"), "fault") == 0 && strcmp(state, "suspected") != 0 &&
            strcmp(said_get(fact, "upstream"), upstream) == 0)
            json_array_append_new(faults,
                                  json_pack("{s:s, s:s, s:s}", "time", said_get(fact, "time"),
                                            "state", state, "words", said_get(fact, "words")));
    }
    return faults;
}

static json_t *losses_json(const struct said_past *past, const char *upstream)
{
    json_t *rates = json_array(), *rate;
    size_t i;
    json_array_foreach(past->rates, i, rate) if (is_by(said_get(rate, "path"), upstream) &&
                                                 said_number(rate, "lost") > 0)
        json_array_append(rates, rate);
    return rates;
}

json_t *said_evidence(const struct said_past *past, const char *upstream)
{
    char id[64];
    snprintf(id, sizeof id, "%lld.%lld", (long long)said_number(past->outage, "run"),
             (long long)said_number(past->outage, "number"));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "outage", id, "upstream",
                     upstream, "onset", said_get(past->outage, "onset"), "until",
                     said_get(past->outage, "changed"), "state", said_get(past->outage, "state"),
                     "step_s", (json_int_t)past->step_s, "paths", paths_json(past, upstream),
                     "flows", flows_json(past, upstream), "parts", faults_json(past, upstream),
                     "rates", losses_json(past, upstream));
}

// ---- as a text

static void add_path(struct said_text *text, const json_t *path)
{
    double samples = (double)said_number(path, "samples"), lost = (double)said_number(path, "lost");
    said_add(text, "\n%s: %.0f of %.0f probes lost (%.2f %%)\n", said_get(path, "path"), lost,
             samples, samples > 0 ? 100 * lost / samples : 0);
    if (lost == 0)
        return;
    said_add(text, "  first loss in the time until %.19sZ, last until %.19sZ\n",
             said_get(path, "first_loss"), said_get(path, "last_loss"));
    said_add(text, "  worst: until %.19sZ, %.1f %%\n", said_get(path, "worst_time"),
             (double)said_number(path, "worst_ppm") / 1e4);
    int64_t forward = said_number(path, "lost_forward"),
            reverse = said_number(path, "lost_reverse");
    if (forward + reverse > 0)
        said_add(text,
                 "  direction, where the far end counts: %lld lost on the way from us, %lld on the "
                 "way to us\n",
                 (long long)forward, (long long)reverse);
    else
        said_add(text, "  direction: not known, the far ends do not count\n");
    said_add(text, "  median round trip: at most %.2f ms before, %.2f ms during it\n",
             (double)said_number(path, "rtt_p50_before_ns") / 1e6,
             (double)said_number(path, "rtt_p50_during_ns") / 1e6);
}

static void add_end(struct said_text *text, const json_t *flow, const char *address,
                    const char *port)
{
    const char *at = said_get(flow, address);
    bool bare = !strchr(at, ':');
    said_add(text, "%s%s%s:%lld", bare ? "" : "[", at[0] ? at : "?", bare ? "" : "]",
             (long long)said_number(flow, port));
}

static void add_flow(struct said_text *text, const json_t *flow)
{
    said_add(text, "  %-5s ", said_get(flow, "protocol"));
    add_end(text, flow, "source", "source_port");
    said_add(text, " -> ");
    add_end(text, flow, "destination", "destination_port");
    if (said_number(flow, "label") > 0)
        said_add(text, " label 0x%05llx", (unsigned long long)said_number(flow, "label"));
    said_add(text, "  sent %lld lost %lld", (long long)said_number(flow, "sent"),
             (long long)said_number(flow, "lost"));
    int64_t forward = said_number(flow, "lost_forward"),
            reverse = said_number(flow, "lost_reverse");
    if (forward + reverse > 0)
        said_add(text, " (from us %lld, to us %lld)", (long long)forward, (long long)reverse);
    said_add(text, ", %.0f s until %.19sZ\n", (double)said_number(flow, "span_ns") / 1e9,
             said_get(flow, "time"));
    if (said_get(flow, "hops")[0])
        said_add(text, "        by way of %s\n", said_get(flow, "hops"));
}

void said_evidence_text(const json_t *evidence, struct said_text *text)
{
    size_t i;
    json_t *item;
    said_add(text, "Packet loss by way of %s, our reference %s\n", said_get(evidence, "upstream"),
             said_get(evidence, "outage"));
    said_add(text, "All times UTC. Onset %.23sZ; last change %.23sZ: %s.\n",
             said_get(evidence, "onset"), said_get(evidence, "until"), said_get(evidence, "state"));
    said_add(text, "Measured with probes from us through your network to the addresses below and "
                   "back.\n");
    json_array_foreach(json_object_get(evidence, "paths"), i, item) add_path(text, item);
    said_add(text, "\nParts found to fail:\n");
    json_array_foreach(json_object_get(evidence, "parts"), i, item)
        said_add(text, "  %.23sZ %s: %s\n", said_get(item, "time"), said_get(item, "state"),
                 said_get(item, "words"));
    if (i == 0)
        said_add(text, "  none was told apart\n");
    said_add(text, "\nFlows, those that lost packets first:\n");
    for (int lossy = 1; lossy >= 0; lossy--)
        json_array_foreach(json_object_get(evidence, "flows"), i,
                           item) if ((said_number(item, "lost") > 0) == lossy) add_flow(text, item);
    if (json_array_size(json_object_get(evidence, "flows")) == 0)
        said_add(text, "  none is kept\n");
    said_add(text, "\nTimes of %lld s with a loss:\n", (long long)said_number(evidence, "step_s"));
    json_array_foreach(json_object_get(evidence, "rates"), i, item) said_add(
        text, "  until %.19sZ %s: %lld of %lld, from us %lld, to us %lld\n", said_get(item, "time"),
        said_get(item, "path"), (long long)said_number(item, "lost"),
        (long long)said_number(item, "samples"), (long long)said_number(item, "lost_forward"),
        (long long)said_number(item, "lost_reverse"));
    if (i == 0)
        said_add(text, "  none is kept\n");
}
