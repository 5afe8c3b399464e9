// SPDX-License-Identifier: ISC
#include "said/desk.h"

#include "base/civil.h"
#include "engine/event.h"

#include <stdio.h>
#include <string.h>

static void entry_done(struct said_entry *entry)
{
    json_decref(entry->draft);
    json_decref(entry->published);
    *entry = (struct said_entry){0};
}

void said_desk_done(struct said_desk *desk)
{
    for (uint32_t i = 0; i < desk->count; i++)
        entry_done(&desk->entries[i]);
    desk->count = 0;
}

void said_desk_carry(struct said_desk *desk, int64_t run, uint32_t number)
{
    if (desk->carried_count == SAID_CARRIED_MAX)
        return;
    desk->carried[desk->carried_count].run = run;
    desk->carried[desk->carried_count++].number = number;
}

// The run of an outage that this run tells of.
static int64_t run_of(const struct said_desk *desk, uint32_t number)
{
    for (uint32_t i = 0; i < desk->carried_count; i++)
        if (desk->carried[i].number == number)
            return desk->carried[i].run;
    return desk->run;
}

static struct said_entry *find(struct said_desk *desk, int64_t run, uint32_t number)
{
    for (uint32_t i = 0; i < desk->count; i++)
        if (desk->entries[i].run == run && desk->entries[i].number == number)
            return &desk->entries[i];
    return NULL;
}

// What goes on is not let go of for what is over.
static uint32_t oldest_over(const struct said_desk *desk)
{
    for (uint32_t i = 0; i < desk->count; i++)
        if (!desk->entries[i].draft || said_status_is_over(desk->entries[i].draft))
            return i;
    return 0;
}

static struct said_entry *find_or_add(struct said_desk *desk, int64_t run, uint32_t number)
{
    struct said_entry *entry = find(desk, run, number);
    if (entry)
        return entry;
    if (desk->count == SAID_STATUSES_MAX) {
        uint32_t victim = oldest_over(desk);
        entry_done(&desk->entries[victim]);
        desk->count--;
        memmove(&desk->entries[victim], &desk->entries[victim + 1],
                (desk->count - victim) * sizeof desk->entries[0]);
    }
    entry = &desk->entries[desk->count++];
    *entry = (struct said_entry){.run = run, .number = number};
    return entry;
}

static bool publish(struct said_entry *entry)
{
    if (!entry->draft)
        return false;
    json_decref(entry->published);
    entry->published = json_deep_copy(entry->draft);
    entry->dirty = true;
    return true;
}

void said_desk_load(struct said_desk *desk, int64_t run, uint32_t number, const char *draft,
                    const char *published)
{
    json_t *drafted = json_loads(draft, 0, NULL);
    if (!json_is_object(drafted)) {
        json_decref(drafted);
        return;
    }
    struct said_entry *entry = find_or_add(desk, run, number);
    entry_done(entry);
    *entry = (struct said_entry){.run = run, .number = number, .draft = drafted};
    entry->published = json_loads(published, 0, NULL);
    json_t *after = run < run_of(desk, number) ? said_status_interrupted(drafted) : NULL;
    if (!after)
        return;
    json_decref(entry->draft);
    entry->draft = after;
    entry->dirty = true;
    if (desk->net->status_page.publish == NET_PUBLISH_AT_ONCE)
        publish(entry);
}

static void rename_it(json_t *status, int64_t run, uint32_t number)
{
    char id[48];
    snprintf(id, sizeof id, "%lld.%u", (long long)run, number);
    if (status)
        json_object_set_new(status, "id", json_string(id));
}

void said_desk_join(struct said_desk *desk, struct said_desk *newer)
{
    for (uint32_t i = 0; i < newer->count; i++) {
        int64_t run = run_of(desk, newer->entries[i].number);
        struct said_entry *entry = find_or_add(desk, run, newer->entries[i].number);
        const struct said_entry had = *entry;
        *entry = newer->entries[i];
        entry->run = run;
        if (!entry->draft) {  // nothing is to be said anew yet
            entry->draft = had.draft;
            entry->published = had.published;
        } else {
            json_decref(had.draft);
            json_decref(had.published);
        }
        rename_it(entry->draft, entry->run, entry->number);
        rename_it(entry->published, entry->run, entry->number);
    }
    newer->count = 0;
}

// What would be told anew of a second later is no change.
static bool is_same(const json_t *a, const json_t *b)
{
    json_t *left = json_copy((json_t *)(uintptr_t)a), *right = json_copy((json_t *)(uintptr_t)b);
    json_object_del(left, "changed");
    json_object_del(right, "changed");
    bool same = json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}

static bool draft(struct said_desk *desk, struct said_entry *entry, int64_t at_s)
{
    if (!entry->told || entry->extent.number == 0)
        return false;
    const struct said_subject subject = {.net = desk->net,
                                         .run = entry->run,
                                         .began_s = entry->began_s,
                                         .at_s = at_s,
                                         .outage = &entry->outage,
                                         .extent = &entry->extent,
                                         .in_hand = entry->in_hand,
                                         .part_run = run_of(desk, entry->outage.part_of)};
    json_t *now = said_status(&subject, entry->draft);
    if (!now || (entry->draft && is_same(now, entry->draft))) {
        json_decref(now);
        return false;
    }
    json_decref(entry->draft);
    entry->draft = now;
    entry->dirty = true;
    if (desk->net->status_page.publish == NET_PUBLISH_AT_ONCE)
        publish(entry);
    return true;
}

static bool take_publish(struct said_desk *desk, const struct effect_publish *told)
{
    int64_t run = told->run ? told->run : run_of(desk, told->number);
    struct said_entry *entry = find(desk, run, told->number);
    if (!entry || !entry->draft)
        return false;
    if (told->note[0] != '\0')
        json_object_set_new(entry->draft, "note", json_string(told->note));
    return publish(entry);
}

bool said_desk_take(struct said_desk *desk, struct wall at, const struct effect *effect)
{
    int64_t at_s = civil_floor(at.ns, NS_PER_S);
    struct said_entry *entry;
    if (effect->kind == EFFECT_OUTAGE) {
        entry = find_or_add(desk, run_of(desk, effect->outage.number), effect->outage.number);
        entry->told = true;
        entry->outage = effect->outage;
        entry->began_s =
            civil_floor(at.ns - mono_since_ns(effect->at, effect->outage.onset), NS_PER_S);
        return draft(desk, entry, at_s);
    }
    if (effect->kind == EFFECT_EXTENT) {
        entry = find_or_add(desk, run_of(desk, effect->extent.number), effect->extent.number);
        entry->extent = effect->extent;
        return draft(desk, entry, at_s);
    }
    if (effect->kind == EFFECT_ANSWERED && effect->answered.what == ASKED_ACK) {
        entry = find(desk, run_of(desk, effect->answered.number), effect->answered.number);
        if (!entry || !effect->answered.done)
            return false;
        entry->in_hand = true;
        return draft(desk, entry, at_s);
    }
    if (effect->kind == EFFECT_KEPT_OUTAGE) {  // somebody may have it in hand from an earlier life
        uint32_t number = effect->kept_outage.number;
        entry = find(desk, run_of(desk, number), number);
        if (entry)
            entry->in_hand |= effect->kept_outage.life == ALERT_ACKED;
        return false;
    }
    return effect->kind == EFFECT_PUBLISH && take_publish(desk, &effect->publish);
}

void said_desk_names(const struct said_desk *desk, char names[SAID_NAMES_MAX])
{
    size_t size = (size_t)snprintf(names, SAID_NAMES_MAX, " ");
    for (uint32_t i = 0; i < desk->count; i++) {
        const struct said_entry *entry = &desk->entries[i];
        if (!entry->draft)
            continue;
        size += (size_t)snprintf(names + size, SAID_NAMES_MAX - size, "%lld.%u ",
                                 (long long)entry->run, entry->number);
        if (entry->run == run_of(desk, entry->number))
            size += (size_t)snprintf(names + size, SAID_NAMES_MAX - size, "%u ", entry->number);
    }
}

json_t *said_desk_page(const struct said_desk *desk, bool published, int64_t now_s)
{
    char made[SAID_TIME_MAX];
    json_t *outages = json_array();
    for (uint32_t i = desk->count; i > 0; i--) {
        json_t *one = published ? desk->entries[i - 1].published : desk->entries[i - 1].draft;
        if (one)
            json_array_append(outages, one);
    }
    return json_pack("{s:s, s:s, s:b, s:o}", "site", desk->net->site, "made",
                     said_time(now_s, made), "draft", !published, "outages", outages);
}
