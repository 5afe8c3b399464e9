// SPDX-License-Identifier: ISC
// The audit role: what the parent hands it goes onto the disk, all that waits by one fsync, and
// then it says so. It may block; nobody waits for it but those acts. It ends with its channel, not
// by SIGTERM: the last words of the others must still be written.
#include "role/audit.h"

#include "role/channel.h"
#include "role/log.h"
#include "role/now.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 1000 };

bool audit_role_wanted(const struct net *net)
{
    return net->audit_path[0] != '\0';
}

struct audit_role *audit_role_open(const struct net *net, char *why)
{
    struct spawn_user user;
    struct audit_role *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(why, ROLE_ERROR_MAX, "cannot open the audit log: out of memory");
        return NULL;
    }
    if (!spawn_user_of(net, "audit", false, &user, why)) {
        free(r);
        return NULL;
    }
    spawn_files_as(&user);
    int error = audit_file_open(&r->file, net->audit_path, &user);
    spawn_files_as(NULL);
    if (!error)
        return r;
    snprintf(why, ROLE_ERROR_MAX, "cannot open the audit log '%s': %s", net->audit_path,
             error == -EBUSY   ? "another fairlead writes it: write another path after 'audit:'"
             : error == -ELOOP ? "it is a link: write the path of the file itself"
                               : strerror(-error));
    free(r);
    return NULL;
}

void audit_role_close(struct audit_role *r)
{
    if (!r)
        return;
    audit_file_close(&r->file);
    free(r);
}

// ---- what waits to be written

static bool has_room(const struct audit_role *r)
{
    return r->entry_count < AUDIT_PENDING_MAX && sizeof r->bytes - r->end >= AUDIT_BODY_MAX;
}

// "TICKET BODY"; an empty body is written by nothing, only answered in its turn.
static void take(struct audit_role *r, const char *text, size_t size)
{
    char *body;
    uint64_t ticket = strtoull(text, &body, 10);
    size_t head = (size_t)(body - text) + 1;
    size = size > head ? size - head : 0;
    if (size > AUDIT_BODY_MAX)
        return;  // not the parent's; it would never be sealed
    memcpy(r->bytes + r->end, body + 1, size);
    r->entries[r->entry_count++] = (struct audit_entry){ticket, r->end, size};
    r->end += size;
}

static void forget(struct audit_role *r, uint32_t count)
{
    if (count == 0)
        return;
    r->ticket = r->entries[count - 1].ticket;
    r->entry_count -= count;
    memmove(r->entries, r->entries + count, r->entry_count * sizeof *r->entries);
    size_t from = r->entry_count > 0 ? r->entries[0].at : r->end;
    memmove(r->bytes, r->bytes + from, r->end - from);
    r->end -= from;
    for (uint32_t i = 0; i < r->entry_count; i++)
        r->entries[i].at -= from;
}

// The next so many records are on the disk.
static void forget_records(struct audit_role *r, uint64_t records)
{
    uint32_t count = 0;
    while (count < r->entry_count && (records > 0 || r->entries[count].size == 0))
        records -= r->entries[count++].size > 0;
    forget(r, count);
}

// ---- onto the disk

static void fail(struct audit_role *r, int error)
{
    char text[160];
    int size = snprintf(text, sizeof text, "!%s", strerror(-error));
    (void)channel_send_text(r->channel, text, (size_t)size);
    if (!r->failing)
        log_line("event=audit_fails reason=\"%s\"", strerror(-error));
    r->failing = true;
    r->retry_at = mono_add_ms(now_mono(), RETRY_MS);
}

static int write_batch(struct audit_role *r)
{
    uint32_t count = 0;
    audit_batch_begin(&r->batch, &r->file);
    while (count < r->entry_count) {
        const struct audit_entry *entry = &r->entries[count];
        if (entry->size > 0 && !audit_batch_add(&r->batch, r->bytes + entry->at, entry->size))
            break;
        count++;
    }
    struct mono before = now_mono();
    int error = r->batch.size > 0 ? audit_file_write(&r->file, &r->batch) : 0;
    int64_t took_ns = mono_since_ns(now_mono(), before);
    if (error)
        return error;
    if (r->batch.size > 0) {
        r->writes++;
        quantile_add(&r->write_times, took_ns);
        r->write_ns_max = took_ns > r->write_ns_max ? took_ns : r->write_ns_max;
    }
    forget(r, count);
    return 0;
}

static void say_where(const struct audit_role *r, const char *event)
{
    log_line("event=%s number=%" PRIu64 " hash=%s", event, r->file.chain.number,
             r->file.chain.hash);
}

static void next_file(struct audit_role *r)
{
    uint64_t first = r->file.first;
    int error = audit_file_rotate(&r->file);
    if (error && !r->rotate_failed)
        log_line("event=audit_rotate_failed reason=\"%s\" does=\"goes on in the same file\"",
                 strerror(-error));
    r->rotate_failed = error != 0;
    if (!error && r->file.first != first)
        say_where(r, "audit_next_file");
}

static void recover(struct audit_role *r)
{
    uint64_t found = 0;
    int error = audit_file_recover(&r->file, &found);
    forget_records(r, found);
    if (error) {
        fail(r, error);
        return;
    }
    r->failing = false;
    say_where(r, "audit_begins");
}

static void answer(struct audit_role *r)
{
    char text[24];
    if (r->answered == r->ticket)
        return;
    int size = snprintf(text, sizeof text, "%" PRIu64, r->ticket);
    if (channel_send_text(r->channel, text, (size_t)size) == 0)
        r->answered = r->ticket;
}

static void work(struct audit_role *r)
{
    if (r->failing && mono_reached(now_mono(), r->retry_at))
        recover(r);
    while (!r->failing && r->entry_count > 0) {
        int error = write_batch(r);
        if (error)
            fail(r, error);
        else
            next_file(r);
    }
    answer(r);
}

// False when the parent is gone, or has nothing more to say.
static bool hear(struct audit_role *r)
{
    char text[AUDIT_PACKET_MAX];
    size_t size;
    while (has_room(r)) {
        int came = channel_receive_text(r->channel, text, sizeof text - 1, &size);
        if (came == 0)
            return true;
        if (came < 0)
            return came == -EMSGSIZE;
        text[size] = '\0';
        take(r, text, size);
    }
    return true;
}

int audit_role_run(struct audit_role *r, int channel)
{
    bool hears = true;
    signal(SIGTERM, SIG_IGN);
    r->channel = channel;
    recover(r);
    while (hears) {
        struct pollfd waiting = {.fd = channel, .events = has_room(r) ? POLLIN : 0};
        (void)poll(&waiting, 1, r->failing || r->answered != r->ticket ? RETRY_MS / 4 : -1);
        hears = !(waiting.revents & (POLLIN | POLLHUP | POLLERR)) || hear(r);
        work(r);
    }
    say_where(r, "audit_ends");
    log_line("event=audit_times writes=%" PRIu64 " p50_us=%" PRId64 " p99_us=%" PRId64
             " max_us=%" PRId64 " lost=%u",
             r->writes, quantile_ns(&r->write_times, 500000) / 1000,
             quantile_ns(&r->write_times, 990000) / 1000, r->write_ns_max / 1000, r->entry_count);
    return r->failing ? 3 : 0;
}
