// SPDX-License-Identifier: ISC
// What a device prints when it is asked, again and again: which lines are facts, and which of them
// are new or over since it was asked before. A line that is there no more is over only when all was
// printed. Bytes of any kind and number; bounded.
#pragma once

#include "detect/device.h"

enum {
    OUTPUT_FACTS_MAX = 128,          // of one device: it is in greater trouble than that
    OUTPUT_LINE_MAX = 512,           // bytes of a line that are looked at
    OUTPUT_BYTES_MAX = 1024 * 1024,  // of one command
};

struct output_of {
    const struct net *net;
    const struct syslog_patterns *patterns;  // rules whose `app` is the vendor
    const char *device, *vendor;
};

struct output_fact {
    struct notice notice;
    bool is_here, is_told, is_over;
};

struct output {
    bool was_whole;  // once: then what is new is news
    uint32_t count, next, dropped;
    struct output_fact facts[OUTPUT_FACTS_MAX];
    size_t bytes, filled;
    char line[OUTPUT_LINE_MAX];
};

void output_begin(struct output *o);  // it is asked anew
// What a command printed, as it comes. False: more than OUTPUT_BYTES_MAX.
bool output_take(struct output *o, const struct output_of *of, const char *bytes, size_t size);
void output_end_command(struct output *o, const struct output_of *of);
// `whole`: all commands printed all that they had to.
void output_end(struct output *o, bool whole);
// What is to be told of it then; false: nothing more. `since` is not set.
bool output_next(struct output *o, struct notice *notice);
