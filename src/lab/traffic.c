// SPDX-License-Identifier: ISC
#include "lab/traffic.h"

#include "lab/traffic_ends.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct traffic_packet *traffic_packet(struct traffic_log *log, enum family family, int64_t sequence)
{
    return &log->packets[family][sequence % log->capacity];
}

const struct traffic_packet *traffic_sent(struct traffic_log *log, enum family family,
                                          int64_t sequence)
{
    const struct traffic_packet *packet = traffic_packet(log, family, sequence);
    return packet->sequence == sequence && packet->sent_ns ? packet : NULL;
}

int64_t traffic_oldest(const struct traffic_log *log, enum family family)
{
    int64_t next = log->next[family];
    return next > log->capacity ? next - log->capacity : 0;
}

static int log_new(struct traffic *traffic, uint32_t capacity, uint32_t target_count)
{
    size_t ring = capacity * sizeof(struct traffic_packet);
    traffic->log_bytes = sizeof(struct traffic_log) + 2 * ring;
    void *memory =
        mmap(NULL, traffic->log_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    traffic->log = memory;
    traffic->log->capacity = capacity;
    traffic->log->target_count = target_count;
    struct traffic_packet *packets = (struct traffic_packet *)(traffic->log + 1);
    traffic->log->packets[FAMILY_IPV4] = packets;
    traffic->log->packets[FAMILY_IPV6] = packets + capacity;
    for (uint32_t i = 0; i < 2 * capacity; i++)
        packets[i].sequence = -1;
    return 0;
}

static pid_t start_sender(struct lab *lab, struct traffic_log *log)
{
    pid_t pid = process_fork(lab->namespaces[lab->scenario->traffic.from]);
    if (pid == 0)
        _exit(traffic_send(&lab->scenario->traffic, log));
    return pid;
}

static pid_t start_receiver(struct lab *lab, struct traffic_log *log)
{
    pid_t pid = process_fork(-1);
    if (pid == 0)
        _exit(traffic_receive(&lab->scenario->traffic, lab->namespaces, log));
    return pid;
}

int traffic_start(struct traffic *traffic, struct lab *lab, uint32_t seconds)
{
    const struct scenario_traffic *data = &lab->scenario->traffic;
    *traffic = (struct traffic){.sender = -1, .receiver = -1};
    int result = log_new(traffic, data->rate_pps * seconds, data->target_count);
    if (result < 0)
        return lab_fail(lab, result, "no memory for the traffic's log");
    traffic->receiver = start_receiver(lab, traffic->log);
    traffic->sender = start_sender(lab, traffic->log);
    if (traffic->receiver > 0 && traffic->sender > 0)
        return 0;
    return lab_fail(lab, -ECHILD, "cannot start the traffic");
}

void traffic_stop(struct traffic *traffic)
{
    if (traffic->sender > 0)
        process_stop(traffic->sender, 0);
    if (traffic->receiver > 0)
        process_stop(traffic->receiver, 0);
    if (traffic->log)
        munmap(traffic->log, traffic->log_bytes);
    *traffic = (struct traffic){.sender = -1, .receiver = -1};
}

bool traffic_is_alive(const struct traffic *traffic)
{
    return process_is_alive(traffic->sender) && process_is_alive(traffic->receiver);
}
