// SPDX-License-Identifier: ISC
#include "detect/site_parts.h"

#include <stdarg.h>
#include <stdio.h>

// Less likely ones are not worth reading, but for the first, by which the odds are told.
#define RIVAL_NATS_MAX 20.0

struct line {
    char *text;
    size_t size, length;
};

static void say(struct line *line, const char *form, ...) __attribute__((format(printf, 2, 3)));

static void say(struct line *line, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    int length = vsnprintf(line->text + line->length, line->size - line->length, form, arguments);
    va_end(arguments);
    line->length += (size_t)length;
    if (line->length >= line->size)
        line->length = line->size - 1;
}

static const char *family_word(enum family family)
{
    return family == FAMILY_IPV4 ? "IPv4" : "IPv6";
}

// Between the attributes that are said.
static const char *comma(const struct line *line, size_t start)
{
    return line->length > start ? ", " : "";
}

static void say_where(const struct net *net, struct line *line, const struct fault_part *part)
{
    size_t start = line->length;
    char address[ADDRESS_TEXT_MAX];
    if (part->family != FAMILY_NONE)
        say(line, "%s", family_word(part->family));
    const char *by = line->length > start ? " " : "";
    if (part->router != NET_NOBODY)
        say(line, "%svia %s", by, net->routers[part->router].name);
    else if (part->upstream != NET_NOBODY)
        say(line, "%svia %s", by, net->upstreams[part->upstream].name);
    if (part->place[0])
        say(line, "%sto %s", line->length > start ? " " : "", part->place);
    if (part->member[0])
        say(line, "%s%s of %s", comma(line, start), part->member, part->group);
    else if (part->group[0])
        say(line, "%swhat shares %s", comma(line, start), part->group);
    if (part->link[0])
        say(line, "%slink %s", comma(line, start), part->link);
    if (part->hop.family != FAMILY_NONE)
        say(line, "%snext hop %s", comma(line, start), address_format(part->hop, address));
    if (part->bucket >= 0)
        say(line, "%sbucket %d of %d", comma(line, start), part->bucket, part->bucket_count);
    if (part->target != NET_NOBODY)
        say(line, "%starget %s", comma(line, start), net->targets[part->target].name);
}

static void say_packets(struct line *line, size_t start, const struct fault_part *part)
{
    static const char *const directions[FAULT_DIRECTIONS] = {"", "on the way out",
                                                             "on the way back"};
    if (part->protocol >= 0)
        say(line, "%sonly %s", comma(line, start), net_protocol_names[part->protocol]);
    if (part->dscp >= 0)
        say(line, "%sclass %d", comma(line, start), part->dscp);
    if (part->size_bytes >= 0)
        say(line, "%spackets of %d bytes and more", comma(line, start), part->size_bytes);
    if (part->direction != FAULT_EITHER)
        say(line, "%s%s", comma(line, start), directions[part->direction]);
}

static void say_part(const struct net *net, struct line *line, const struct fault_part *part)
{
    size_t start = line->length;
    say_where(net, line, part);
    if (line->length == start && part->protocol < 0 && part->dscp < 0 && part->size_bytes < 0)
        say(line, "everything here, whichever way out");
    say_packets(line, start, part);
}

static void say_percent(struct line *line, uint32_t ppm)
{
    say(line, ppm < 10000 ? "%.2f %%" : ppm < 95000 ? "%.1f %%" : "%.0f %%", ppm / 1e4);
}

static void say_rate(struct line *line, const struct fault *fault)
{
    say_percent(line, fault->evidence.loss_ppm);
    if (fault->symptom == FAULT_TUPLES) {
        say(line, " of 5-tuples, wholly (%u of %u)", fault->evidence.lost, fault->evidence.samples);
        return;
    }
    uint32_t share = fault->evidence.share_ppm;
    if (share > 0 && share < 950000) {
        say(line, " of ");
        say_percent(line, share);
        say(line, " of flows");
    } else {
        say(line, " of packets");
    }
    say(line, " (%u of %u)", fault->evidence.lost, fault->evidence.samples);
}

// The same part of the other family, when it was probed and is well.
static void say_counterpart(const struct site *s, struct line *line, uint32_t component,
                            const struct fault_part *part)
{
    uint64_t sent = 0, lost = 0;
    uint32_t other = components_counterpart(s->components, component);
    for (uint32_t f = 0; other != LOCALISE_NOBODY && f < s->flow_count; f++)
        if (site_passes(s, f, other)) {
            sent += s->paths[f].sent;
            lost += s->paths[f].lost;
        }
    if (sent >= 10 && lost * 200 <= sent)
        say(line, "; %s clean", part->family == FAMILY_IPV4 ? "IPv6" : "IPv4");
}

// Whole, or not at all.
static void say_rival(const struct site *s, struct line *others, const struct localise_rival *rival)
{
    char text[FAULT_WORDS_MAX] = "";
    struct line line = {text, sizeof text, 0};
    struct fault_part part = components_part(s->components, rival->component);
    say(&line, "%s", others->length > 0 ? "; " : "");
    say_part(s->net, &line, &part);
    say(&line, " (%.1f%s)", rival->odds_nats, others->length > 0 ? "" : " nats less likely");
    if (others->length + line.length < others->size)
        say(others, "%s", text);
}

void site_words(const struct site *s, const struct site_finding *finding, struct fault *fault)
{
    struct line words = {fault->words, sizeof fault->words, 0};
    struct line others = {fault->others, sizeof fault->others, 0};
    fault->words[0] = fault->others[0] = '\0';
    say_part(s->net, &words, &fault->part);
    say(&words, ": ");
    say_rate(&words, fault);
    say_counterpart(s, &words, finding->component, &fault->part);
    say(&words, "; %.1f nats", fault->evidence.odds_millinats / 1e3);
    for (uint32_t i = 0; i < finding->rival_count; i++)
        if (i == 0 || finding->rivals[i].odds_nats < RIVAL_NATS_MAX)
            say_rival(s, &others, &finding->rivals[i]);
}
