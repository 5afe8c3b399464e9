// SPDX-License-Identifier: ISC
// Counters as JSON: [{"upstream":"transit-a","family":"ipv6","attempts":1000,"failed":12},
// {"prefix":"192.0.2.0/24","attempts":50,"failed":0}], each with "site" if they like. Each item is
// taken whole or not at all, and says nothing about the next.
#pragma once

#include "count/count.h"

#include <jansson.h>

enum { COUNT_ITEMS_MAX = 1024 };

// An array of at most COUNT_ITEMS_MAX items, the caller's to json_decref(); NULL: `why` says what
// is wrong.
json_t *count_json_open(const char *text, size_t size, struct count_error *why);
// `count` is filled with COUNT_TAKEN only; else `why`, whose byte is 0.
enum count_verdict count_json_read(const struct net *net, const json_t *item, struct count *count,
                                   struct count_error *why);
