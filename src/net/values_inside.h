// SPDX-License-Identifier: ISC
// For the files of net/values*.c only: a value on its way, and its readers.
#pragma once

#include "net/values.h"

#include <assert.h>

// Readers of lists are called once for each entry.
struct reading {
    struct values *values;
    const struct key *key;
    uint32_t line;
    const char *text;
};

// Names of a list of the file.
enum { NAMES_MAX = 32 };
struct names {
    const char *items[NAMES_MAX];
    uint32_t count;
    const char *wrong, *remedy;
};
static_assert(NET_ROUTERS_MAX <= (int)NAMES_MAX && NET_UPSTREAMS_MAX <= (int)NAMES_MAX &&
                  NET_PEOPLE_MAX <= (int)NAMES_MAX && NET_CHANNELS_MAX <= (int)NAMES_MAX,
              "names have room");

// Every error about a value has one form; gives false, so that readers can return it.
bool values_refuse(const struct reading *r, const char *wrong, const char *remedy);
// The place of a name among them; -1 after an error, and when there are none, which is an error
// already and enough of one.
int values_find_name(const struct reading *r, const struct names *names);
bool values_add_to_set(int found, const struct names *names, void *place);
bool values_word(const struct reading *r, const char *const *words, size_t count, void *place);

// values_location.c
bool values_location(const struct reading *r, void *place);

// values_people.c
bool values_channel(const struct reading *r, void *place);
bool values_channels(const struct reading *r, void *place);
bool values_people(const struct reading *r, void *place);
bool values_person(const struct reading *r, void *place);
bool values_teams(const struct reading *r, void *place);
bool values_rights(const struct reading *r, void *place);

// values_times.c
bool values_zone(const struct reading *r, void *place);
bool values_local_time(const struct reading *r, void *place);
bool values_week_time(const struct reading *r, void *place);
bool values_days(const struct reading *r, void *place);
bool values_hours(const struct reading *r, void *place);
