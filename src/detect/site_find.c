// SPDX-License-Identifier: ISC
#include "detect/site_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEAD_MIN = 3,          // straight losses, and no answer, that make a 5-tuple look dead
    NEAR_MS = 1000,        // before the median: flows differ in when they met what is wrong first
    LOOK_BACK_MAX = 4096,  // samples of a flow
    RUN_MAX = 0x7fff,      // far more than one sends in the window
    LEVEL_FLOW = 0,        // of 5-tuples; of packets it is what is normal on the path
    LEVEL_TRIED = 1,
};

// How likely a 5-tuple that lives looks dead: of flows by bad luck with partial loss, which is held
// against it once more below; of those that roving tried it has its own, far smaller one.
#define FLOW_LOOKS_DEAD 1e-4
#define TRIED_LOOKS_DEAD 1e-6
#define KNOWN_LOSS_MAX (1 - 1e-6)
#define SHARE_MIN_NATS 5.0  // by which "some 5-tuples are dead" must beat "all lose packets"

// ---- since when

static int compare_ns(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t alarming_member(const struct cusum_bank *bank, const struct cusum_rule *rule)
{
    uint32_t k = CUSUM_MEMBERS;
    while (k-- > 1)
        if (bank->score[k] >= rule->threshold[k])
            return k;
    return 0;
}

// The likeliest start, for the rate that the alarming member is tuned to: from where on samples add
// up to most (detection.md 2.4).
struct rise {
    int64_t lost_step, ok_step, sum, best, best_ns;
};

static struct rise rise_of(const struct site *s, const struct cusum_bank *bank,
                           const struct cusum_rule *rule)
{
    uint32_t k = alarming_member(bank, rule);
    return (struct rise){
        .lost_step = rule->lost_step[k], .ok_step = rule->ok_step[k], .best_ns = s->now.ns};
}

static void rise_add(struct rise *rise, const struct site_entry *entry)
{
    rise->sum += entry->lost ? rise->lost_step : -rise->ok_step;
    if (entry->lost && rise->sum > rise->best) {
        rise->best = rise->sum;
        rise->best_ns = entry->sent_ns;
    }
}

static int64_t flow_rose_ns(const struct site *s, uint32_t flow)
{
    struct rise rise =
        rise_of(s, &s->banks[flow].bank, &site_level(s, s->flows[flow].path)->flow_rule);
    uint64_t at = site_position(s, s->banks[flow].last, flow);
    for (uint32_t n = 0; at != 0 && n < LOOK_BACK_MAX; n++) {
        const struct site_entry *entry = site_entry(s, at);
        rise_add(&rise, entry);
        at = site_position(s, entry->before, flow);
    }
    return rise.best_ns;
}

static int64_t path_rose_ns(const struct site *s, uint32_t path)
{
    struct rise rise = rise_of(s, &s->path_banks[path].bank, &site_level(s, path)->path_rule);
    for (uint64_t i = s->next; i-- > site_oldest(s);) {
        const struct site_entry *entry = site_entry(s, i);
        if (s->flows[entry->flow].path == path)
            rise_add(&rise, entry);
    }
    return rise.best_ns;
}

static bool is_known_to_lose(const struct site *s, uint32_t unit, double more_than)
{
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].fault.state == FAULT_NAMED &&
            s->faults[i].fault.evidence.loss_ppm > more_than * 1e6 &&
            site_passes(s, unit, s->faults[i].component))
            return true;
    return false;
}

// A path of which some part that is named loses: its bank cannot tell whether there is more.
static bool is_known_path(const struct site *s, uint32_t path)
{
    for (uint32_t f = 0; f < s->flow_count; f++)
        if (s->flows[f].path == path && is_known_to_lose(s, f, 0))
            return true;
    return false;
}

// When flows that alarm began to lose, but for those that a named fault explains. Of very many a
// sample, over all paths alike, has the same median.
static uint32_t collect_rises(struct site *s)
{
    uint32_t count = 0, alarming = 0, one_in = s->alarms / SITE_RISES_MAX + 1;
    for (uint32_t f = 0; f < s->flow_count && count < SITE_RISES_MAX; f++)
        if (s->banks[f].alarms && alarming++ % one_in == 0 && !is_known_to_lose(s, f, 0))
            s->rises[count++] = flow_rose_ns(s, f);
    for (uint32_t p = 0; p < s->path_count && count == 0; p++)
        if (s->path_banks[p].alarms && !is_known_path(s, p))
            s->rises[count++] = path_rose_ns(s, p);
    return count;
}

// The median of when flows began to alarm, or those shortly before it. Far in the past when none
// alarms that is not known: then only tried 5-tuples can say something.
static int64_t window_begin_ns(struct site *s, bool *is_new)
{
    int64_t oldest = s->now.ns - SITE_WINDOW_MS * (int64_t)NS_PER_MS;
    uint32_t count = collect_rises(s);
    *is_new = count > 0;
    if (count == 0)
        return oldest;
    qsort(s->rises, count, sizeof s->rises[0], compare_ns);
    uint32_t first = count / 2;
    int64_t near = s->rises[first] - NEAR_MS * (int64_t)NS_PER_MS;
    while (first > 0 && s->rises[first - 1] >= near)
        first--;
    return s->rises[first] > oldest ? s->rises[first] : oldest;
}

// ---- what was lost since then

static void count_packets(struct site *s, int64_t from_ns)
{
    for (uint32_t unit = 0; unit < s->unit_count; unit++)
        s->paths[unit] = (struct localise_path){.members = components_of(s->components, unit)};
    for (uint32_t f = 0; f < s->flow_count; f++) {
        s->paths[f].level = s->level_of[s->flows[f].path] & 7u;
        s->banks[f].run = s->banks[f].longest = 0;
    }
    for (uint64_t i = s->next; i-- > site_oldest(s);) {
        const struct site_entry *entry = site_entry(s, i);
        if (site_is_before(entry, from_ns))
            break;
        if (entry->sent_ns < from_ns || entry->sent_ns < s->from_ns[entry->flow])
            continue;
        struct site_flow *flow = &s->banks[entry->flow];
        s->paths[entry->flow].sent++;
        s->paths[entry->flow].lost += entry->lost;
        flow->run = (uint16_t)(entry->lost ? flow->run + (flow->run < RUN_MAX) : 0);
        if (flow->run > flow->longest)
            flow->longest = flow->run & 0x7fffu;
    }
}

static struct localise_problem problem_of(const struct site *s, enum fault_symptom symptom)
{
    struct localise_problem problem = {
        .paths = s->paths,
        .path_count = s->unit_count,
        .component_count = components_count(s->components),
        .prior_nats = components_prior_nats(s->components),
        .normal = {[LEVEL_FLOW] = FLOW_LOOKS_DEAD, [LEVEL_TRIED] = TRIED_LOOKS_DEAD},
    };
    for (uint32_t i = 0; i < s->level_count && symptom == FAULT_LOSS; i++)
        problem.normal[i] = s->levels[i].loss_ppm / 1e6;
    // What is named is known. Of 5-tuples it is what makes them dead: their share, or all of them.
    for (uint32_t i = 0; i < s->fault_count && problem.given_count < LOCALISE_GIVEN_MAX; i++) {
        const struct site_fault *known = &s->faults[i];
        bool wholly = known->fault.evidence.loss_ppm > SITE_WHOLLY * 1e6;
        if (known->fault.state == FAULT_NAMED && known->component != LOCALISE_NOBODY &&
            (known->fault.symptom == symptom || (symptom == FAULT_TUPLES && wholly)))
            problem.given[problem.given_count++] = (uint16_t)known->component;
    }
    return problem;
}

bool site_looks_dead(const struct site *s, uint32_t flow)
{
    uint32_t lost = s->paths[flow].lost, longest = s->banks[flow].longest;
    return longest >= DEAD_MIN && (lost - longest) * 10 <= lost;
}

// ---- what would tell more

// Of those units, the one whose next result tells best whether a part of the story is at fault, or
// what may be instead: for the first part that is in doubt.
static void make_wish(struct site *s, const struct localise_problem *problem,
                      const struct localise_story *story, uint32_t first, uint32_t count)
{
    struct localise_problem among = *problem;
    among.paths = &s->paths[first];
    among.path_count = count;
    for (uint32_t i = problem->given_count; i < story->count && s->wish == NET_NOBODY; i++) {
        const struct localise_part *part = &story->parts[i];
        if (part->odds_nats >= SITE_NAME_ODDS_NATS && part->posterior >= SITE_NAME_POSTERIOR)
            continue;
        uint32_t next = localise_next_probe(&among, story, i);
        if (next < count)
            s->wish = first + next;
    }
}

// A flow that was tried says nothing new. Where nothing is tried, nothing roves.
static void make_tuple_wish(struct site *s, const struct localise_problem *problem,
                            const struct localise_story *story)
{
    static const uint16_t nothing = LOCALISE_NOBODY;
    for (uint32_t unit = s->flow_count; unit < s->unit_count; unit++)
        if (s->paths[unit].sent == 0)
            s->paths[unit].members = &nothing;
    make_wish(s, problem, story, s->flow_count, s->unit_count - s->flow_count);
}

// ---- a share of 5-tuples

static uint64_t oldest_tried(const struct site *s)
{
    uint64_t oldest = s->tried_next > SITE_TUPLES ? s->tried_next - SITE_TUPLES : 0;
    return oldest > s->tried_from ? oldest : s->tried_from;
}

// Since when 5-tuples die: since flows do, or since the first of those was sent that roving tried
// lately and found dead. What was alive before says nothing of the share.
static int64_t tuples_begin_ns(const struct site *s, int64_t flows_ns)
{
    int64_t begin_ns = flows_ns, lately_ns = s->now.ns - SITE_WINDOW_MS * (int64_t)NS_PER_MS;
    for (uint64_t i = oldest_tried(s); i < s->tried_next; i++) {
        const struct site_tried *tried = &s->tried[i % SITE_TUPLES];
        if (tried->dead && tried->at_ns >= lately_ns && tried->sent_ns < begin_ns)
            begin_ns = tried->sent_ns;
    }
    return begin_ns;
}

// Each flow, and each 5-tuple that roving tried since then, becomes one trial: dead or alive.
static void count_tuples(struct site *s, int64_t begin_ns)
{
    for (uint32_t f = 0; f < s->flow_count; f++) {
        struct localise_path *path = &s->paths[f];
        bool dead = site_looks_dead(s, f);
        *path = (struct localise_path){.sent = path->sent >= DEAD_MIN,
                                       .lost = dead,
                                       .level = LEVEL_FLOW,
                                       .members = path->members};
    }
    for (uint64_t i = oldest_tried(s); i < s->tried_next; i++) {
        const struct site_tried *tried = &s->tried[i % SITE_TUPLES];
        if (tried->sent_ns < begin_ns)
            continue;
        s->paths[tried->unit].level = LEVEL_TRIED;
        s->paths[tried->unit].sent++;
        s->paths[tried->unit].lost += tried->dead;
    }
}

static double log_share(double dead, double alive)
{
    return dead > alive ? dead + log1p(exp(alive - dead)) : alive + log1p(exp(dead - alive));
}

static bool overlaps(const struct site *s, uint32_t a, uint32_t b)
{
    for (uint32_t f = 0; f < s->flow_count; f++)
        if (s->paths[f].lost > 0 && site_passes(s, f, a) && site_passes(s, f, b))
            return true;
    return false;
}

// By how much "a share of the flows is dead, the others are well" explains the packets of a part,
// and what roving tried, better than the story of lost packets does.
static double tuples_nats(const struct site *s, const struct localise_problem *problem,
                          const struct localise_story *packets, const struct site_finding *finding)
{
    double share = finding->loss, known = finding->dead_elsewhere + TRIED_LOOKS_DEAD;
    double nats = 0;
    if (share > known)  // fewer than the known parts take are no reason for another
        nats = finding->tried_dead * log(share / known) +
               (finding->tried - finding->tried_dead) * log((1 - share) / (1 - known));
    for (uint32_t f = 0; f < s->flow_count; f++) {
        const struct localise_path *path = &s->paths[f];
        if (path->sent == 0 || !site_passes(s, f, finding->component) ||
            is_known_to_lose(s, f, SITE_WHOLLY))
            continue;
        double normal = problem->normal[path->level];
        double ok = path->sent - path->lost, stray = path->lost - s->banks[f].longest;
        double alive = log(1 - share) + path->lost * log(normal) + ok * log(1 - normal);
        double dead = log(share) + stray * log(normal);
        double loss = localise_predicts(problem, packets, path);
        nats += site_looks_dead(s, f) ? log_share(dead, alive) : alive;
        nats -= path->lost * log(loss) + ok * log(1 - loss);
    }
    for (uint32_t i = problem->given_count; i < packets->count; i++)  // what that story takes
        nats -= overlaps(s, packets->parts[i].component, finding->component)
                    ? problem->prior_nats[packets->parts[i].component]
                    : 0;
    return nats + problem->prior_nats[finding->component];
}

static void fill_tuple_evidence(const struct site *s, const struct localise_part *part,
                                int64_t begin_ns, struct site_finding *finding)
{
    uint32_t trials = 0, dead = 0;
    for (uint32_t unit = 0; unit < s->unit_count; unit++)
        if (s->paths[unit].sent > 0 && site_passes(s, unit, part->component)) {
            trials += s->paths[unit].sent;
            dead += s->paths[unit].lost;
            finding->tried += unit < s->flow_count ? 0 : s->paths[unit].sent;
            finding->tried_dead += unit < s->flow_count ? 0 : s->paths[unit].lost;
        }
    for (uint64_t i = s->tried_next; i-- > oldest_tried(s) && finding->tried_dead > 0;) {
        const struct site_tried *tried = &s->tried[i % SITE_TUPLES];
        if (tried->dead && tried->sent_ns >= begin_ns && tried->sent_ns < finding->tried_began_ns &&
            site_passes(s, tried->unit, part->component))
            finding->tried_began_ns = tried->sent_ns;
    }
    finding->evidence.samples = finding->evidence.flows = trials;
    finding->evidence.lost = finding->evidence.flows_lossy = dead;
}

// What share of the part's 5-tuples the other parts of the story take: of those that roving tried
// nobody knows which hops they pass, but of the flows.
static double dead_elsewhere(const struct site *s, const struct localise_story *story,
                             uint32_t component)
{
    uint32_t flows = 0;
    double dead = 0;
    for (uint32_t f = 0; f < s->flow_count; f++) {
        double alive = 1;
        if (!site_passes(s, f, component))
            continue;
        flows++;
        for (uint32_t i = 0; i < story->count; i++) {
            const struct localise_part *part = &story->parts[i];
            if (part->component != component && site_passes(s, f, part->component))
                alive *= 1 - part->loss;
        }
        dead += 1 - alive;
    }
    return flows > 0 ? fmin(dead / flows, SITE_WHOLLY) : 0;
}

static struct site_finding finding_of(const struct localise_part *part, enum fault_symptom symptom)
{
    struct site_finding finding = {.symptom = symptom,
                                   .component = part->component,
                                   .rival_count = part->rival_count,
                                   .loss = part->loss,
                                   .gain_nats = part->gain_nats,
                                   .odds_nats = part->odds_nats,
                                   .posterior = part->posterior,
                                   .tried_began_ns = INT64_MAX,
                                   .alone = true};
    memcpy(finding.rivals, part->rivals, sizeof finding.rivals);
    return finding;
}

// What is known takes at least what it was named for: after a stall of ours no flow may have said
// so again yet.
static void keep_known(const struct site *s, const struct localise_problem *problem,
                       struct localise_story *story)
{
    for (uint32_t n = 0; n < problem->given_count; n++)
        for (uint32_t i = 0; i < s->fault_count; i++) {
            const struct site_fault *known = &s->faults[i];
            double loss = fmin(known->fault.evidence.loss_ppm / 1e6, KNOWN_LOSS_MAX);
            if (known->fault.state == FAULT_NAMED && known->component == problem->given[n])
                story->parts[n].loss = fmax(story->parts[n].loss, loss);
        }
}

// Parts of whose 5-tuples some are dead, which the story of lost packets does not explain as well.
// Leaves in `whole` the parts that are dead altogether.
static void find_tuples(struct site *s, int64_t from_ns, int64_t begin_ns,
                        const struct localise_story *packets, struct localise_story *whole)
{
    struct localise_story story;
    struct localise_problem problem = problem_of(s, FAULT_TUPLES);
    problem.prior_nats = s->tuple_prior_nats;
    count_tuples(s, begin_ns);
    localise_run(s->localise, &problem, &story);
    keep_known(s, &problem, &story);
    make_tuple_wish(s, &problem, &story);
    whole->count = 0;
    for (uint32_t i = problem.given_count; i < story.count; i++) {
        struct site_finding *finding = &s->findings[s->finding_count];
        if (story.parts[i].loss > SITE_WHOLLY) {
            whole->parts[whole->count++] = story.parts[i];
            continue;
        }
        *finding = finding_of(&story.parts[i], FAULT_TUPLES);
        fill_tuple_evidence(s, &story.parts[i], begin_ns, finding);
        finding->dead_elsewhere = dead_elsewhere(s, &story, story.parts[i].component);
        s->finding_count++;
    }
    count_packets(s, from_ns);
    struct localise_problem lost = problem_of(s, FAULT_LOSS);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->finding_count; i++)
        if (tuples_nats(s, &lost, packets, &s->findings[i]) > SHARE_MIN_NATS)
            s->findings[kept++] = s->findings[i];
    s->finding_count = kept;
}

// What dead 5-tuples explain must not be explained once more.
static void set_aside(struct site *s, uint32_t component)
{
    for (uint32_t f = 0; f < s->flow_count; f++)
        if (site_looks_dead(s, f) && site_passes(s, f, component))
            s->paths[f] = (struct localise_path){.members = s->paths[f].members};
}

static void set_tuples_aside(struct site *s)
{
    for (uint32_t i = 0; i < s->finding_count; i++)
        set_aside(s, s->findings[i].component);
    for (uint32_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].fault.symptom == FAULT_TUPLES && s->faults[i].fault.state == FAULT_NAMED &&
            s->faults[i].component != LOCALISE_NOBODY)
            set_aside(s, s->faults[i].component);
}

// ---- a share of packets

// Of a part that is dead altogether, flows are the witnesses, not packets: several must say so, and
// what is dead must not be as well explained by flows that share something else. Of what a
// neighbour turns around there may be a single one.
static bool flows_agree(const struct site *s, const struct site_finding *finding,
                        const struct localise_story *whole)
{
    if (components_is_turned(s->components, finding->component))
        return true;
    // One lossy flow among others that share all of the part is no witness against the part.
    if (finding->evidence.flows > 1 && finding->evidence.flows_lossy < 2)
        return false;
    if (finding->loss <= SITE_WHOLLY)
        return true;
    for (uint32_t i = 0; i < whole->count; i++)
        if (whole->parts[i].component == finding->component)
            return finding->evidence.flows_lossy > 1 && whole->parts[i].odds_nats >= log(10);
    return finding->evidence.flows_lossy > 2;
}

static void fill_packet_evidence(struct site *s, struct site_finding *finding)
{
    uint32_t forward = 0, reverse = 0;
    struct fault_evidence *e = &finding->evidence;
    for (uint32_t f = 0; f < s->flow_count; f++) {
        const struct localise_path *path = &s->paths[f];
        if (path->sent == 0 || !site_passes(s, f, finding->component))
            continue;
        e->samples += path->sent;
        e->lost += path->lost;
        e->flows++;
        e->flows_lossy += path->lost > 0;
        forward += s->banks[f].lost_forward;
        reverse += s->banks[f].lost_reverse;
    }
    bool known = forward + reverse >= 5;
    finding->direction = known && forward > 9 * reverse   ? FAULT_FORWARD
                         : known && reverse > 9 * forward ? FAULT_REVERSE
                                                          : FAULT_EITHER;
}

static bool is_given(const struct localise_problem *problem, uint32_t component)
{
    for (uint32_t i = 0; i < problem->given_count; i++)
        if (problem->given[i] == component)
            return true;
    return false;
}

static bool has_grown(const struct site *s, const struct localise_problem *problem,
                      const struct localise_story *story)
{
    for (uint32_t i = 0; i < story->count; i++)
        for (uint32_t n = 0; n < problem->given_count; n++)
            if (site_is_within(s, problem->given[n], story->parts[i].component))
                return true;
    return false;
}

// What is found beside known parts may be what these have become: then the story that knows of
// none says so.
static void tell_anew(struct site *s, const struct localise_problem *problem,
                      struct localise_story *story)
{
    struct localise_story anew;
    struct localise_problem nothing_given = *problem;
    nothing_given.given_count = 0;
    if (problem->given_count == 0 || story->count == problem->given_count)
        return;
    localise_run(s->localise, &nothing_given, &anew);
    if (!has_grown(s, problem, &anew))
        return;
    story->count = problem->given_count;
    for (uint32_t i = 0; i < anew.count && story->count < LOCALISE_PARTS_MAX; i++)
        if (!is_given(problem, anew.parts[i].component))
            story->parts[story->count++] = anew.parts[i];
}

static void find_packets(struct site *s, const struct localise_story *whole)
{
    struct localise_story story;
    struct localise_problem problem = problem_of(s, FAULT_LOSS);
    localise_run(s->localise, &problem, &story);
    make_wish(s, &problem, &story, 0, s->flow_count);
    tell_anew(s, &problem, &story);
    for (uint32_t i = problem.given_count; i < story.count && s->finding_count < SITE_FINDINGS_MAX;
         i++) {
        struct site_finding *finding = &s->findings[s->finding_count++];
        *finding = finding_of(&story.parts[i], FAULT_LOSS);
        fill_packet_evidence(s, finding);
        finding->alone = flows_agree(s, finding, whole);
    }
}

// Whether roving found a dead one lately.
static bool has_tried(const struct site *s)
{
    return s->tried_dead_ns != INT64_MIN &&
           s->now.ns - s->tried_dead_ns < SITE_WINDOW_MS * (int64_t)NS_PER_MS;
}

void site_find(struct site *s)
{
    struct localise_story whole = {0}, packets;
    bool is_new;
    int64_t from_ns = window_begin_ns(s, &is_new);
    if (from_ns < s->blind_at.ns)
        from_ns = s->blind_at.ns;
    s->finding_count = 0;
    s->wish = NET_NOBODY;
    if (!is_new && !has_tried(s))
        return;
    count_packets(s, from_ns);
    struct localise_problem problem = problem_of(s, FAULT_LOSS);
    localise_run(s->localise, &problem, &packets);
    if (!is_new)  // the window reaches back to before what is known began
        packets.count = problem.given_count;
    int64_t begin_ns = tuples_begin_ns(s, is_new ? from_ns : INT64_MAX);
    find_tuples(s, from_ns, begin_ns, &packets, &whole);
    for (uint32_t i = 0; i < s->finding_count; i++)
        site_hold_against_bursts(s, &s->findings[i], from_ns);
    uint32_t tuples = s->finding_count;
    set_tuples_aside(s);
    if (is_new)
        find_packets(s, &whole);
    for (uint32_t i = tuples; i < s->finding_count; i++)
        site_hold_against_bursts(s, &s->findings[i], from_ns);
}
