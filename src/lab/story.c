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
    BATCH_MS = 5,  // orders of the same sort for so long are one line
    QUIET_S = 5,   // nothing said for so long: how the traffic is doing
    // Lines wait so long, so that they come in the order in which things happened: that a packet is
    // lost is known only when it should long have arrived.
    HOLD_MS = 400,
};

struct line {
    int64_t at_ns;
    const char *who;
    uint64_t batch;  // lines of the same batch become one; 0: of none
    uint32_t more;   // how many did
    char text[LINE_BYTES];
};

struct eye {       // what of a family's traffic was told already
    int64_t next;  // packet to look at
    int64_t lost_at_ns, other_at_ns, last_loss_ns;
    uint32_t lost, since_loss;  // packets, since `lost_at_ns`
    uint32_t sent_lately, lost_lately, other_lately;
    bool whole;
};

struct story {
    const struct scenario *scenario;
    FILE *out;
    int64_t zero_ns, said_ns, quiet_since_ns;
    size_t line_count;
    struct line lines[LINES_MAX];
    bool began, fault_told, over_told, is_back, is_over;
    struct eye eyes[FAMILIES];
};

static void print_line(const struct story *s, const struct line *line)
{
    fprintf(s->out, "%8.3f s  %-8s  %s", (double)(line->at_ns - s->zero_ns) / NS_PER_S, line->who,
            line->text);
    if (line->more)
        fprintf(s->out, ", and %u more", line->more);
    fprintf(s->out, "\n");
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
    line->batch = 0;
    line->more = 0;
    s->said_ns = at_ns;
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(line->text, sizeof line->text, text, arguments);
    va_end(arguments);
}

// Orders, and what became of them, to the same router at the same time: one batch.
static uint64_t batch_of(const struct effect *effect)
{
    uint32_t router, upstream, state = 0;
    if (effect->kind == EFFECT_ANNOUNCE || effect->kind == EFFECT_WITHDRAW) {
        router = effect->override.router;
        upstream = effect->override.upstream;
    } else if (effect->kind == EFFECT_ACTED && effect->acted.state != OVERRIDE_REFUSED) {
        router = effect->acted.router;
        upstream = effect->acted.upstream;
        state = effect->acted.state;
    } else {
        return 0;
    }
    return (uint64_t)effect->kind << 48 | (uint64_t)router << 32 | (uint64_t)upstream << 8 | state;
}

static bool joins_batch(struct story *s, uint64_t batch, int64_t at_ns)
{
    for (size_t i = 0; batch && i < s->line_count; i++)
        if (s->lines[i].batch == batch && at_ns - s->lines[i].at_ns < BATCH_MS * NS_PER_MS) {
            s->lines[i].more++;
            return true;
        }
    return false;
}

static void on_effect(void *context, struct rehearsal *r, const struct guard_effect *seen)
{
    struct story *s = context;
    char text[LINE_BYTES];
    uint64_t batch = batch_of(&seen->effect);
    if (narrate_effect(&r->guard.net, &seen->effect, text, sizeof text) > 0 &&
        !joins_batch(s, batch, seen->effect.at.ns)) {
        say(s, seen->effect.at.ns, "fairlead", "%s", text);
        s->lines[s->line_count - 1].batch = batch;
    }
    if (seen->effect.kind == EFFECT_READY && scenario_outage(s->scenario))
        say(s, seen->heard_ns, "lab", "the fault comes within a second, at a moment of chance");
}

// Whether not all packets from its port are hit alike.
static bool is_choosy(const struct scenario_fault *fault)
{
    return fault->family != FAMILY_NONE || fault->protocol || fault->dscp >= 0 ||
           fault->above_bytes || fault->above_pps || fault->tuples_of;
}

static void tell_fault(struct story *s, const struct rehearsal *r)
{
    const struct scenario_fault *outage = scenario_outage(s->scenario);
    if (!outage)
        return;
    const struct fault_span *state = &r->faults.states[outage - s->scenario->faults];
    if (state->begun_after_ns && !s->fault_told) {
        s->fault_told = true;
        if (outage->loss_ppm)
            say(s, state->begun_after_ns, "lab",
                "%s now drops %g %% of what it forwards%s%s%s; BGP is not touched",
                s->scenario->nodes[outage->node].name, outage->loss_ppm / 1e4,
                outage->from ? " from its port " : "", outage->from ? outage->from : "",
                is_choosy(outage) ? ", of some packets only" : "");
        else
            say(s, state->begun_after_ns, "lab", "%s is broken now",
                s->scenario->nodes[outage->node].name);
    }
    if (state->ended_after_ns && !s->over_told) {
        s->over_told = true;
        say(s, state->ended_after_ns, "lab", "the fault is over: %s works again",
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
    eye->lost += eye->lost_at_ns > 0;
    eye->last_loss_ns = packet->sent_ns;
    eye->since_loss = 0;
    eye->lost_lately++;
}

static void see_arrived(struct story *s, enum family family, const struct traffic_packet *packet)
{
    struct eye *eye = &s->eyes[family];
    const struct scenario_traffic *data = &s->scenario->traffic;
    const struct scenario_target *target =
        &data->targets[(uint32_t)(packet->sequence % data->target_count)];
    eye->since_loss++;
    eye->other_lately += packet->passed != target->passes[data->usual];
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
        if (packet->sent_ns > now_ns - HOLD_MS * (int64_t)NS_PER_MS * 3 / 4)
            return;
        if (packet->sequence != eye->next || !packet->sent_ns)
            continue;
        eye->sent_lately++;
        if (packet->arrived_ns)
            see_arrived(s, family, packet);
        else
            see_lost(s, family, packet);
    }
}

// So that waiting for a proof does not look like nothing: the traffic goes on. Counted from the
// last line on.
static void tell_traffic(struct story *s, int64_t now_ns)
{
    const struct eye *v4 = &s->eyes[FAMILY_IPV4], *v6 = &s->eyes[FAMILY_IPV6];
    bool speak =
        s->quiet_since_ns == s->said_ns && now_ns - s->said_ns >= QUIET_S * (int64_t)NS_PER_S;
    if (speak)
        say(s, now_ns, "traffic",
            "in the last %d s: %u of %u packets lost (ipv4), %u of %u (ipv6); %u %% took another "
            "way than %s",
            QUIET_S, v4->lost_lately, v4->sent_lately, v6->lost_lately, v6->sent_lately,
            (v4->other_lately + v6->other_lately) * 100 / (v4->sent_lately + v6->sent_lately + 1),
            s->scenario->traffic.ways[s->scenario->traffic.usual]);
    if (s->quiet_since_ns == s->said_ns)
        return;
    s->quiet_since_ns = s->said_ns;
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
        s->eyes[f].sent_lately = s->eyes[f].lost_lately = s->eyes[f].other_lately = 0;
}

// When Fairlead is being started: where, and what it will look at.
static void tell_beginning(struct story *s, const struct rehearsal *r)
{
    const struct scenario_traffic *t = &s->scenario->traffic;
    const struct net *net = &r->guard.net;
    uint32_t rate_mpps = 0;
    for (uint32_t i = 0; i < net->target_count; i++)
        rate_mpps += net->targets[i].rate_mpps;
    s->began = true;
    say(s, s->zero_ns, "lab", "%s", s->scenario->summary);
    say(s, r->began_ns, "lab",
        "the network stands: %u nodes; '%s' sends %u packets a second of each family to %u "
        "networks, all arrive by %s",
        s->scenario->node_count, s->scenario->nodes[t->from].name, t->rate_pps, t->target_count,
        t->ways[t->usual]);
    say(s, r->began_ns, "lab",
        "Fairlead starts; it will send %u probes a second on each of %u paths to %u targets",
        rate_mpps / 1000, net_path_count(net), net->target_count);
}

static void on_turn(void *context, struct rehearsal *r, int64_t now_ns)
{
    struct story *s = context;
    if (r->guard.pid <= 0)
        return;
    if (!s->began)
        tell_beginning(s, r);
    tell_fault(s, r);
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
        watch_traffic(s, r, f, now_ns);
    if (s->over_told && !s->is_back && rehearsal_is_usual(r, 1000)) {
        s->is_back = true;
        say(s, now_ns, "traffic", "all packets take their usual way again");
    }
    if (!s->is_over)
        tell_traffic(s, now_ns);
    flush_until(s, now_ns - HOLD_MS * (int64_t)NS_PER_MS);
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

static void print_tables(const struct story *s, const char *directory)
{
    for (uint32_t i = 0; i < s->scenario->node_count; i++) {
        const struct scenario_node *node = &s->scenario->nodes[i];
        if (node->daemon == SCENARIO_BIRD)
            fprintf(s->out, "  birdc -s %s/%s/bird.ctl show route\n", directory, node->name);
        if (node->daemon == SCENARIO_FRR)
            fprintf(s->out, "  vtysh --vty_socket %s/%s -c 'show bgp ipv4'\n", directory,
                    node->name);
    }
}

static void print_lines(const struct story *s, const char *inside, const struct tree_node *list)
{
    for (const struct tree_node *line = list ? list->first : NULL; line; line = line->next)
        fprintf(s->out, "  %s %s\n", inside, line->text ? line->text : "");
}

static void print_fault(const struct story *s, const char *prefix)
{
    const struct scenario_fault *outage = scenario_outage(s->scenario);
    if (!outage || (!outage->loss_ppm && !outage->begin))
        return;
    char inside[96];
    uint32_t number = (uint32_t)(outage - s->scenario->faults);
    struct text rules = {0};
    snprintf(inside, sizeof inside, "ip netns exec %s-%s", prefix,
             s->scenario->nodes[outage->node].name);
    fault_rules(&rules, number, outage);
    fprintf(s->out, "break it again:\n");
    for (const char *line = text_get(&rules); *line;) {
        size_t size = strcspn(line, "\n");
        fprintf(s->out, "  %s nft '%.*s'\n", inside, (int)size, line);
        line += size + (line[size] == '\n');
    }
    print_lines(s, inside, outage->begin);
    fprintf(s->out, "mend it:\n");
    if (outage->loss_ppm)
        fprintf(s->out, "  %s nft flush chain inet fairlead_lab fault%u\n", inside, number);
    print_lines(s, inside, outage->end);
    text_done(&rules);
}

static void on_over(void *context, struct rehearsal *r, const struct rehearsal_run *run,
                    uint32_t linger_s)
{
    struct story *s = context;
    flush_until(s, INT64_MAX);
    s->is_over = true;
    fprintf(s->out, "\nThe story is over. Measured by the customer's traffic alone:\n");
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6 && scenario_outage(s->scenario); f++)
        print_family(s, f, &run->families[f]);
    fprintf(s->out, "  people, in the outage itself: whole after %u s\n",
            s->scenario->operator_restore_s);
    if (linger_s > 0) {
        fprintf(s->out, "\nlook around (as root):\n");
        if (r->listen > 0)
            fprintf(s->out, "  http://127.0.0.1:%d   the dashboard\n", REHEARSAL_PAGE_PORT);
        print_tables(s, r->lab.space.directory);
        print_fault(s, r->lab.space.prefix);
        if (linger_s == UINT32_MAX)
            fprintf(s->out, "Ctrl-C ends it and removes everything.\n\n");
        else
            fprintf(s->out, "It ends by itself in %u s.\n\n", linger_s);
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
