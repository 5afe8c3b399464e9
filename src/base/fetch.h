// SPDX-License-Identifier: ISC
// Fetches memory that will soon be looked at: whoever knows of several such places asks for them
// all before the first, and waits once. GCC takes a function that does nothing else for one without
// effect and drops its calls; the empty statement is what it may not drop.
#pragma once

static inline void fetch_to_read(const void *memory)
{
    __builtin_prefetch(memory);
    __asm__ volatile("");
}

static inline void fetch_to_write(const void *memory)
{
    __builtin_prefetch(memory, 1);
    __asm__ volatile("");
}
