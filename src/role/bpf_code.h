// SPDX-License-Identifier: ISC
// Instructions for the kernel's machine (bpf-instructions, "BPF Instruction Set Architecture"), for
// programs too small for a compiler of their own. As in linux/filter.h of the kernel, which
// programs have to do without.
#pragma once

#include <linux/bpf.h>

// Registers by what they hold: what a call is given, what it gives, what is kept over calls.
enum { BPF_RESULT, BPF_ARG1, BPF_ARG2, BPF_ARG3, BPF_CONTEXT = 6, BPF_KEPT1, BPF_KEPT2, BPF_KEPT3 };
enum { BPF_STACK = 10 };

#define BPF_STEP(operation, to, from, offset, number)                                              \
    {                                                                                              \
        .code = (uint8_t)(operation), .dst_reg = (to), .src_reg = (from),                          \
        .off = (int16_t)(offset), .imm = (int32_t)(number)                                         \
    }
#define BPF_MOVE(to, from) BPF_STEP(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define BPF_SET(to, number) BPF_STEP(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number)
#define BPF_PLUS(to, number) BPF_STEP(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, number)
#define BPF_LOAD(size, to, from, offset)                                                           \
    BPF_STEP(BPF_LDX | BPF_MEM | BPF_##size, to, from, offset, 0)
#define BPF_STORE(size, to, offset, from)                                                          \
    BPF_STEP(BPF_STX | BPF_MEM | BPF_##size, to, from, offset, 0)
#define BPF_STORE_NUMBER(size, to, offset, number)                                                 \
    BPF_STEP(BPF_ST | BPF_MEM | BPF_##size, to, 0, offset, number)
#define BPF_JUMP_IF(comparison, of, number, ahead)                                                 \
    BPF_STEP(BPF_JMP | (comparison) | BPF_K, of, 0, ahead, number)
#define BPF_LOAD_MAP(to, map)                                                                      \
    BPF_STEP(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, map), BPF_STEP(0, 0, 0, 0, 0)
#define BPF_CALL_TO(function) BPF_STEP(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##function)
#define BPF_END_HERE BPF_STEP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
