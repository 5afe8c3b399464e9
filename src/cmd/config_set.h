// SPDX-License-Identifier: ISC
// Configurations of routers from files, one a device, called as its file is up to the last dot.
#pragma once

#include "change/config.h"
#include "change/siblings.h"

enum { CONFIG_SET_NAME_MAX = 128 };

struct config_set_file {
    char name[CONFIG_SET_NAME_MAX];
    char *path, *text;
    struct config config;
};

struct config_set {
    uint32_t count;
    struct config_set_file files[SIBLINGS_MAX];
};

// Adds a file, or all files of a directory in the order of their names, but for those that begin
// with a dot. False: told on standard error.
bool config_set_load(struct config_set *set, const char *path);
void config_set_done(struct config_set *set);
// The one of this name.. NULL: none.
const struct config_set_file *config_set_find(const struct config_set *set, const char *name);
