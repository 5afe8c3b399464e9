// SPDX-License-Identifier: ISC
#include "lab/losses.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct writer_of_losses {
    const struct scenario *scenario;
    FILE *file;
    uint8_t passed[FAMILIES][SCENARIO_TARGETS_MAX];  // by the last packet that arrived; 0: none yet
};

static void write_line(struct writer_of_losses *w, enum family family, uint32_t target,
                       const struct traffic_packet *packet)
{
    const struct scenario_traffic *data = &w->scenario->traffic;
    const char *name = w->scenario->nodes[data->targets[target].node].name, *way = "unknown";
    for (uint32_t i = 0; i < data->way_count; i++)
        if (data->targets[target].passes[i] == packet->passed)
            way = data->ways[i];
    fprintf(w->file, "{\"sent_ns\":%" PRId64 ",\"family\":\"%s\",\"target\":\"%s\",",
            packet->sent_ns, family_name(family), name);
    if (packet->arrived_ns)
        fprintf(w->file, "\"way\":\"%s\",\"passed\":%u}\n", way, packet->passed);
    else
        fprintf(w->file, "\"lost\":%" PRId64 "}\n", packet->sequence);
}

static void write_packet(struct writer_of_losses *w, enum family family,
                         const struct traffic_packet *packet)
{
    uint32_t target = (uint32_t)(packet->sequence % w->scenario->traffic.target_count);
    bool changed = packet->arrived_ns && packet->passed != w->passed[family][target];
    if (!packet->arrived_ns || changed)
        write_line(w, family, target, packet);
    if (changed)
        w->passed[family][target] = packet->passed;
}

int losses_write(struct traffic_log *log, const struct scenario *scenario,
                 const struct measure_window *window, const char *path)
{
    struct writer_of_losses w = {.scenario = scenario, .file = fopen(path, "we")};
    if (!w.file)
        return -errno;
    for (enum family f = FAMILY_IPV4; f <= FAMILY_IPV6; f++)
        for (int64_t i = traffic_oldest(log, f), next = log->next[f]; i < next; i++) {
            const struct traffic_packet *packet = traffic_sent(log, f, i);
            if (packet && packet->sent_ns >= window->from_ns && packet->sent_ns < window->until_ns)
                write_packet(&w, f, packet);
        }
    return fclose(w.file) == 0 ? 0 : -errno;
}
