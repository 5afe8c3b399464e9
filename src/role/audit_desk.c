// SPDX-License-Identifier: ISC
#include "role/audit_desk.h"

#include "audit/chain.h"
#include "role/audit.h"
#include "role/channel.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 8192 };

struct held {
    uint64_t ticket;
    struct effect act;
};

struct audit_desk {
    uint64_t ticket, written;  // the last one given out; up to which all is on the disk
    uint32_t entry_count, sent;
    size_t end;
    uint64_t lost;  // records for which there was no room, not said yet
    uint32_t held_count, refused_count;
    struct mono moved_at, pinged_at;  // the last progress, or when there was nothing to wait for
    char trouble[160];
    bool mute;  // that nothing is answered is the trouble
    struct audit_entry entries[ENTRIES_MAX];
    char bytes[AUDIT_DESK_BYTES];
    struct held held[AUDIT_DESK_ACTS_MAX];
    struct effect refused[AUDIT_DESK_ACTS_MAX];
};

struct audit_desk *audit_desk_new(void)
{
    return calloc(1, sizeof(struct audit_desk));
}

void audit_desk_free(struct audit_desk *desk)
{
    free(desk);
}

const char *audit_desk_trouble(const struct audit_desk *desk)
{
    return desk->trouble[0] ? desk->trouble : NULL;
}

bool audit_desk_is_done(const struct audit_desk *desk)
{
    uint32_t pings = 0;
    while (pings < desk->entry_count && desk->entries[pings].size == 0)
        pings++;
    return pings == desk->entry_count || audit_desk_trouble(desk);
}

// ---- records

static bool add(struct audit_desk *desk, const char *body, size_t size)
{
    if (desk->entry_count == ENTRIES_MAX || sizeof desk->bytes - desk->end < size)
        return false;
    memcpy(desk->bytes + desk->end, body, size);
    desk->entries[desk->entry_count++] = (struct audit_entry){++desk->ticket, desk->end, size};
    desk->end += size;
    return true;
}

void audit_desk_write(struct audit_desk *desk, const char *body, size_t size)
{
    char lost[64];
    assert(size <= AUDIT_BODY_MAX);
    int length = snprintf(lost, sizeof lost, "\"record\":\"lost\",\"count\":%" PRIu64, desk->lost);
    if (desk->lost > 0 && add(desk, lost, (size_t)length))
        desk->lost = 0;
    if (desk->lost > 0 || !add(desk, body, size))
        desk->lost++;
}

static void forget_written(struct audit_desk *desk)
{
    uint32_t count = 0;
    while (count < desk->entry_count && desk->entries[count].ticket <= desk->written)
        count++;
    if (count == 0)
        return;
    desk->entry_count -= count;
    desk->sent -= count < desk->sent ? count : desk->sent;
    memmove(desk->entries, desk->entries + count, desk->entry_count * sizeof *desk->entries);
    size_t from = desk->entry_count > 0 ? desk->entries[0].at : desk->end;
    memmove(desk->bytes, desk->bytes + from, desk->end - from);
    desk->end -= from;
    for (uint32_t i = 0; i < desk->entry_count; i++)
        desk->entries[i].at -= from;
}

// ---- acts

static void refuse(struct audit_desk *desk, const struct effect *act)
{
    if (desk->refused_count < AUDIT_DESK_ACTS_MAX)  // else the engine misses an answer: it copes
        desk->refused[desk->refused_count++] = *act;
}

void audit_desk_hold(struct audit_desk *desk, const struct effect *act)
{
    if (audit_desk_trouble(desk) || desk->lost > 0 || desk->held_count == AUDIT_DESK_ACTS_MAX)
        refuse(desk, act);
    else
        desk->held[desk->held_count++] = (struct held){desk->ticket, *act};
}

static bool ends(const struct effect *undo, const struct effect *act)
{
    if (undo->kind == EFFECT_RELEASE)
        return act->kind == EFFECT_ANNOUNCE;
    if (undo->kind == EFFECT_HOOK)
        return undo->hook.undo && act->kind == EFFECT_HOOK && act->hook.hook == undo->hook.hook;
    if (undo->kind == EFFECT_STANCE)  // the newest holds
        return act->kind == EFFECT_STANCE && act->stance.router == undo->stance.router &&
               act->stance.own == undo->stance.own;
    return undo->kind == EFFECT_WITHDRAW && act->kind == EFFECT_ANNOUNCE &&
           undo->override.router == act->override.router &&
           undo->override.upstream == act->override.upstream &&
           prefix_equal(undo->override.prefix, act->override.prefix);
}

uint32_t audit_desk_cancel(struct audit_desk *desk, const struct effect *undo)
{
    uint32_t kept = 0, before = desk->held_count;
    for (uint32_t i = 0; i < before; i++) {
        if (!ends(undo, &desk->held[i].act))
            desk->held[kept++] = desk->held[i];
        else if (undo->kind == EFFECT_WITHDRAW)
            refuse(desk, &desk->held[i].act);
    }
    desk->held_count = kept;
    return before - kept;
}

static void refuse_all(struct audit_desk *desk)
{
    for (uint32_t i = 0; i < desk->held_count; i++)
        refuse(desk, &desk->held[i].act);
    desk->held_count = 0;
}

bool audit_desk_next(struct audit_desk *desk, struct effect *act)
{
    if (desk->held_count == 0 || desk->held[0].ticket > desk->written)
        return false;
    *act = desk->held[0].act;
    memmove(desk->held, desk->held + 1, --desk->held_count * sizeof *desk->held);
    return true;
}

bool audit_desk_next_refused(struct audit_desk *desk, struct effect *act)
{
    if (desk->refused_count == 0)
        return false;
    *act = desk->refused[0];
    memmove(desk->refused, desk->refused + 1, --desk->refused_count * sizeof *desk->refused);
    return true;
}

// ---- the role

static void take_answer(struct audit_desk *desk, const char *text, struct mono now)
{
    desk->mute = false;
    if (text[0] == '!') {
        snprintf(desk->trouble, sizeof desk->trouble, "%s", text + 1);
        return;
    }
    uint64_t written = strtoull(text, NULL, 10);
    if (written <= desk->written || written > desk->ticket)
        return;
    desk->written = written;
    desk->moved_at = now;
    desk->trouble[0] = '\0';
    forget_written(desk);
}

// Its descriptor is its owner's to close: that it ended is told by SIGCHLD.
static void hear(struct audit_desk *desk, int channel, struct mono now)
{
    char text[160];
    size_t size;
    while (channel_receive_text(channel, text, sizeof text - 1, &size) == 1) {
        text[size] = '\0';
        take_answer(desk, text, now);
    }
}

static void send_waiting(struct audit_desk *desk, int channel)
{
    char text[AUDIT_PACKET_MAX];
    while (desk->sent < desk->entry_count) {
        const struct audit_entry *entry = &desk->entries[desk->sent];
        int size = snprintf(text, sizeof text, "%" PRIu64 " ", entry->ticket);
        memcpy(text + size, desk->bytes + entry->at, entry->size);
        if (channel_send_text(channel, text, (size_t)size + entry->size) != 0)
            return;
        desk->sent++;
    }
}

void audit_desk_turn(struct audit_desk *desk, int channel, struct mono now)
{
    if (channel >= 0)
        hear(desk, channel, now);
    if (desk->written == desk->ticket || desk->moved_at.ns == 0)
        desk->moved_at = now;
    if (desk->written == desk->ticket &&
        mono_reached(now, mono_add_ms(desk->pinged_at, AUDIT_PING_MS))) {
        desk->pinged_at = now;
        add(desk, "", 0);
    }
    if (channel >= 0)
        send_waiting(desk, channel);
    if (channel < 0)
        snprintf(desk->trouble, sizeof desk->trouble, "the process that writes it is gone");
    else if (!audit_desk_trouble(desk) &&
             mono_since_ns(now, desk->moved_at) > (int64_t)AUDIT_PATIENCE_MS * NS_PER_MS) {
        snprintf(desk->trouble, sizeof desk->trouble, "nothing was written for %d s",
                 AUDIT_PATIENCE_MS / 1000);
        desk->mute = true;
    }
    if (audit_desk_trouble(desk))
        refuse_all(desk);
}

bool audit_desk_is_mute(const struct audit_desk *desk, struct mono now)
{
    return desk->mute && mono_since_ns(now, desk->moved_at) > (int64_t)AUDIT_MUTE_MS * NS_PER_MS;
}

void audit_desk_restart(struct audit_desk *desk)
{
    desk->sent = 0;
    desk->mute = false;
}
