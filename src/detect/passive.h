// SPDX-License-Identifier: ISC
// What servers see of their own connections (count/count.h), judged by upstream and family, and by
// destination prefix. Each second makes a block of everybody's counts; the bank over blocks
// (stat/blocks.h) says when more fails than is usual there (detect/usual.h), a peer-relative test
// whether through this upstream more fails than through the others.
//
// Promised: while attempts fail independently and no more often than the usual says, all of it
// together is wrong at most as often as detect.false_acts_per_year says. Nothing that lasts less
// than three blocks is told. While one is told, and while its score is above a third of the
// threshold, nothing is learned.
// Not promised: that an upstream is at fault. Servers fail for reasons of their own, and those
// behind one upstream differ from those behind another. So it is for people, beside what probes
// say, and never by itself a reason to move traffic.
//
// Sampled counts weigh what was looked at, not what it stands for. Failures may come before their
// attempts, or after: they wait for them, a minute at most. The block in which we lost counts
// ourselves is void, and the one after it.
#pragma once

#include "count/count.h"
#include "detect/notice.h"

enum { PASSIVE_PREFIXES_MAX = 256 };

struct passive;

// `net` is lent. NULL when memory is out. About 200 kB, and no more later on.
struct passive *passive_new(const struct net *net);
void passive_free(struct passive *passive);

// False: there is no room for one more prefix.
bool passive_take(struct passive *passive, const struct count *count, struct mono now);
// A sender was heard that reports counters.
void passive_heard(struct passive *passive, struct address sender, struct mono now);
// Counts were lost on their way to us: what is there of this block says nothing.
void passive_void(struct passive *passive);
// Call at least twice a second, and then until it is false; true: `notice` is to be told.
bool passive_tick(struct passive *passive, struct mono now, struct notice *notice);
