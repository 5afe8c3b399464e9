// SPDX-License-Identifier: ISC
// A configuration file, read and judged: for every verb that needs one.
#pragma once

#include "net/errors.h"
#include "net/net.h"

#include <stddef.h>

struct config_file {
    char *text;  // as it stands in the file
    size_t size;
    struct net net;
    struct net_errors errors;
};

// 0; 2 when the configuration is wrong: `errors` says how; 3 when the file cannot be read: that is
// told on standard error. config_file_done() in every case.
int config_file_load(struct config_file *file, const char *path);
void config_file_done(struct config_file *file);

// Writes what was found to standard error, one line each.
void config_file_report(const struct config_file *file);
