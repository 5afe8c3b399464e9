// SPDX-License-Identifier: ISC
#include "lab/story.h"

#include "engine/narrate.h"
#include "lab/traffic_wire.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINES_MAX = 64,
    LINE_BYTES = 640,
    // Lines wait so long, so that they come in the order in which things happened: that a packet is
    // lost is known only when it should long have arrived.
    HOLD_MS = 150,
};

struct line {
    int64_t at_ns;
    const char *who;
    char text[LINE_BYTES];
};

struct eye {       // what of a family's traffic was told already
    int64_t next;  // packet to look at
    int64_t lost_at_ns, other_at_ns, last_loss_ns;
    uint32_t lost, since_loss;
    bool whole;
};

struct story {
    const struct scenario *scenario;
    FILE *out;
    int64_t zero_ns;
    size_t line_count;
    struct line lines[LINES_MAX];
    bool fault_told, over_told, is_back;
    struct eye eyes[FAMILIES];
};

static void print_line(const struct story *s, const struct line *line)
{
    fprintf(s->out, "%8.3f s  %-8s  %s\n", (double)(line->at_ns - s->zero_ns) / NS_PER_S, line->who,
            line->text);
}

static void flush_until(struct story *s, int64_t until_ns)
{
    for (;;) {
        size_t first = s->line_count;
        for (size_t i = 0; i < s->line_count; i++)
            if (s->lines[i].at_ns <= until_ns &&
                (first == s->line_count || s->lines[i].at_ns < s->lines[first].at_ns))
                first = i;
        if (first == s->line_count)
            break;
        print_line(s, &s->lines[first]);
        memmove(&s->lines[first], &s->lines[first + 1],
                (--s->line_count - first) * sizeof s->lines[0]);
    }
    fflush(s->out);
}

static void say(struct story *s, int64_t at_ns, const char *who, const char *text, ...)
{
    if (s->line_count == LINES_MAX)
        flush_until(s, INT64_MAX);
    struct line *line = &s->lines[s->line_count++];
    line->at_ns = at_ns;
    line->who = who;
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(line->text, sizeof line->text, text, arguments);
    va_end(arguments);
}

static void on_effect(void *context, struct rehearsal *r, const struct guard_effect *seen)
{
    struct story *s = context;
    char text[LINE_BYTES];
    if (narrate_effect(&r->guard.net, &seen->effect, text, sizeof text) > 0)
        say(s, seen->effect.at.ns, "fairlead", "%s", text);
    if (seen->effect.kind == EFFECT_READY)
        say(s, seen->heard_ns, "lab", "the fault comes within a second, at a moment of chance");
}

static void tell_fault(struct story *s, const struct rehearsal *r)
{
    const struct scenario_fault *outage = scenario_outage(s->scenario);
    if (!outage)
        return;
    const struct fault_state *state = &r->faults.states[outage - s->scenario->faults];
    if (state->begun_after_ns && !s->fault_told) {
        s->fault_told = true;
        say(s, state->begun_after_ns, "lab",
            "%s now drops %g %% of what it forwards%s%s; BGP is not touched",
            s->scenario->nodes[outage->node].name, outage->loss_ppm / 1e4,
            outage->from ? " from its port " : "", outage->from ? outage->from : "");
    }
    if (state->ended_after_ns && !s->over_told) {
        s->over_told = true;
        say(s, state->ended_after_ns, "lab", "the fault is over: %s forwards everything again",
            s->scenario->nodes[outage->node].name);
    }
}

static void see_lost(struct story *s, enum family family, const struct traffic_packet *packet)
{
    struct eye *eye = &s->eyes[family];
    if (!eye->lost_at_ns && s->fault_told) {
        eye->lost_at_ns = packet->sent_ns;
        say(s, packet->sent_ns, "traffic", "%s: the first packet is lost", family_name(family));
    }
    eye->lost++;
    eye->last_loss_ns = packet->sent_ns;
    eye->since_loss = 0;
}

static void see_arrived(struct story *s, enum family family, const struct traffic_packet *packet)
{
    struct eye *eye = &s->eyes[family];
    const struct scenario_traffic *data = &s->scenario->traffic;
    const struct scenario_target *target =
        &data->targets[(uint32_t)(packet->sequence % data->target_count)];
    eye->since_loss++;
    if (packet->passed != target->passes[data->usual] && eye->lost_at_ns && !eye->other_at_ns) {
        eye->other_at_ns = packet->sent_ns;
        say(s, packet->sent_ns, "traffic",
            "%s: the first packet on the new way, %.0f ms after the first loss",
            family_name(family), (double)(packet->sent_ns - eye->lost_at_ns) / NS_PER_MS);
    }
    if (eye->lost_at_ns && eye->other_at_ns && !eye->whole &&
        eye->since_loss == MEASURE_UNBROKEN_MIN) {
        eye->whole = true;
        say(s, packet->sent_ns, "traffic",
            "%s: %d packets in a row arrived, none lost any more: whole again %.0f ms after the "
            "first loss, %u packets were lost",
            family_name(family), MEASURE_UNBROKEN_MIN,
            (double)(eye->last_loss_ns - eye->lost_at_ns) / NS_PER_MS + 1, eye->lost);
    }
}

// Every packet that had the time to arrive, once.
static void watch_traffic(struct story *s, struct rehearsal *r, enum family family, int64_t now_ns)
{
    struct eye *eye = &s->eyes[family];
    struct traffic_log *log = r->traffic.log;
    int64_t next = log->next[family];
    if (next - eye->next > log->capacity / 2)
        eye->next = next - log->capacity / 2;
    for (; eye->next < next; eye->next++) {
        const struct traffic_packet *packet = traffic_packet(log, family, eye->next);
        if (packet->sent_ns > now_ns - HOLD_MS * NS_PER_MS / 2)
            return;
        if (packet->sequence != eye->next || !packet->sent_ns)
            continue;
        if (packet->arrived_ns)
            see_arrived(s, family, packet);
        else
            see_lost(s, family, packet);
    }
}

static void on_turn(void *context, struct rehearsal *r, int64_t now_ns)
{
    struct story *s = context;
    tell_fault(s, r);
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
        watch_traffic(s, r, f, now_ns);
    if (s->over_told && !s->is_back && rehearsal_is_usual(r, 1000)) {
        s->is_back = true;
        say(s, now_ns, "traffic", "all packets take their usual way again");
    }
    flush_until(s, now_ns - HOLD_MS * NS_PER_MS);
}

static void print_family(const struct story *s, enum family family,
                         const struct rehearsal_family *f)
{
    fprintf(s->out,
            "  %s  detected after %.0f ms, whole after %.0f ms, %u packets lost, %u on the way "
            "back\n",
            family_name(family), f->detect_ms, f->restore_ms, f->traffic.outage_lost,
            f->traffic.return_lost);
}

static void on_over(void *context, struct rehearsal *r, const struct rehearsal_run *run)
{
    struct story *s = context;
    flush_until(s, INT64_MAX);
    fprintf(s->out, "\nThe story is over. Measured by the customer's traffic alone:\n");
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6 && scenario_outage(s->scenario); f++)
        print_family(s, f, &run->families[f]);
    fprintf(s->out, "  people, in the outage itself: whole after %u s\n\n",
            s->scenario->operator_restore_s);
    fprintf(s->out,
            "Look around while it stands (as root):\n"
            "  ip netns                                    the nodes of this lab: %s-...\n",
            r->lab.space.prefix);
    for (uint32_t i = 0; i < s->scenario->node_count; i++) {
        const struct scenario_node *node = &s->scenario->nodes[i];
        if (node->daemon == SCENARIO_BIRD && i != r->lab.scenario->guard)
            fprintf(s->out, "  birdc -s %s/%s/bird.ctl show route\n", r->lab.space.directory,
                    node->name);
        if (node->daemon == SCENARIO_FRR)
            fprintf(s->out, "  vtysh --vty_socket %s/%s -c 'show bgp ipv4'\n",
                    r->lab.space.directory, node->name);
    }
    fflush(s->out);
}

struct story *story_new(const struct scenario *scenario, FILE *out)
{
    struct story *s = calloc(1, sizeof *s);
    if (s)
        *s = (struct story){.scenario = scenario, .out = out, .zero_ns = traffic_now_ns()};
    return s;
}

void story_free(struct story *story)
{
    free(story);
}

struct rehearsal_watcher story_watcher(struct story *story)
{
    return (struct rehearsal_watcher){on_turn, on_effect, on_over, story};
}
