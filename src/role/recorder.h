// SPDX-License-Identifier: ISC
// The engine's input as a file, in the form of engine/recording.h, for `fairlead replay`. A disk
// that fails ends the recording, never the daemon.
#pragma once

#include "engine/event.h"

#include <stdio.h>

struct recorder {
    FILE *file;    // NULL: nothing is recorded, or no longer
    char *buffer;  // of `file`
    struct mono flush_at;
};

struct recorder_config {  // what the header line holds
    const char *file_name, *text;
    size_t size;
};

// Records to net->record_path; an existing file is kept as PATH.old. What stands in the header has
// its secrets blotted out: recordings are shown to others. 0, also when the path is empty; -errno;
// -ENOKEY when a secret cannot be found in the text as it was read.
int recorder_open(struct recorder *r, const struct net *net, const struct recorder_config *config);
// Whether what stands behind keys of this name is a secret; whether the configuration has any.
bool recorder_hides(const char *key);
bool recorder_has_to_hide(const struct net *net);
// 0, or -errno when the recording had to end here; later calls then do nothing.
int recorder_add(struct recorder *r, const struct net *net, const struct event *event);
// Writes out what waits, once a second. As recorder_add().
int recorder_turn(struct recorder *r, struct mono now);
int recorder_close(struct recorder *r);
