// SPDX-License-Identifier: ISC
// The bytes that a table may have. What would exceed them is refused, as if memory were out.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUDGET_OVERHEAD = 16 };  // bytes that malloc needs beside each piece

struct budget {
    size_t used, max;   // bytes
    size_t reserve;     // of them, not for guests
    bool is_guest;      // whoever asks now
    uint32_t fails_in;  // for tests: so many requests from now one is refused; 0: none
};

// NULL when the budget or memory is out. Not cleared.
void *budget_take(struct budget *budget, size_t bytes);
// The same, cleared, beginning with a cache line.
void *budget_take_lines(struct budget *budget, size_t bytes);
// Of another size, with what it held; `memory` may be NULL, of no bytes. On failure it stays.
void *budget_resize(struct budget *budget, void *memory, size_t bytes, size_t wanted);
void budget_give(struct budget *budget, void *memory, size_t bytes);  // NULL is allowed
