// SPDX-License-Identifier: ISC
#include "role/port_catch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KEY_IPV4, KEY_IPV6, KEYS };  // of the map of sockets

// Registers by what they hold.
enum { RESULT, ARG1, ARG2, ARG3, CONTEXT = 6, SOCKET = 7, STACK = 10 };
enum { KEY_AT = -4 };  // on the stack

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
    long result = syscall(SYS_bpf, command, attributes, sizeof *attributes);
    return result < 0 ? -errno : (int)result;
}

static uint64_t address_of(const void *data)
{
    return (uint64_t)(uintptr_t)data;
}

static int map_sockets(const int sockets[FAMILIES])
{
    union bpf_attr create = {
        .map_type = BPF_MAP_TYPE_SOCKMAP,
        .key_size = sizeof(uint32_t),
        .value_size = sizeof(uint64_t),
        .max_entries = KEYS,
    };
    int map = bpf(BPF_MAP_CREATE, &create), error = map < 0 ? map : 0;
    for (uint32_t key = 0; !error && key < KEYS; key++) {
        int socket = sockets[key == KEY_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4];
        uint64_t value = (uint64_t)socket;
        union bpf_attr update = {
            .map_fd = (uint32_t)map,
            .key = address_of(&key),
            .value = address_of(&value),
            .flags = BPF_ANY,
        };
        error = socket >= 0 ? bpf(BPF_MAP_UPDATE_ELEM, &update) : 0;
    }
    if (!error)
        return map;
    if (map >= 0)
        close(map);
    return error;
}

// As in linux/filter.h of the kernel, which programs have to do without.
#define OP(operation, to, from, offset, number)                                                    \
    {                                                                                              \
        .code = (uint8_t)(operation), .dst_reg = (to), .src_reg = (from), .off = (offset),         \
        .imm = (int32_t)(number)                                                                   \
    }
#define MOVE(to, from) OP(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define SET(to, number) OP(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number)
#define LOAD(to, field)                                                                            \
    OP(BPF_LDX | BPF_MEM | BPF_W, to, CONTEXT, offsetof(struct bpf_sk_lookup, field), 0)
#define JUMP(comparison, of, number, ahead) OP(BPF_JMP | (comparison) | BPF_K, of, 0, ahead, number)
#define CALL(function) OP(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define EXIT OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int load(int map, uint16_t first)
{
    enum { LENGTH = 24, END = 22 };
    // clang-format off
    const struct bpf_insn program[LENGTH] = {
        MOVE(CONTEXT, ARG1),
        LOAD(ARG2, protocol),
        JUMP(BPF_JNE, ARG2, IPPROTO_UDP, END - 3),
        LOAD(ARG2, local_port),  // in the host's order
        JUMP(BPF_JLT, ARG2, first, END - 5),
        OP(BPF_ST | BPF_MEM | BPF_W, STACK, 0, KEY_AT, KEY_IPV4),
        LOAD(ARG2, family),
        JUMP(BPF_JNE, ARG2, AF_INET6, 1),
        OP(BPF_ST | BPF_MEM | BPF_W, STACK, 0, KEY_AT, KEY_IPV6),
        OP(BPF_LD | BPF_DW | BPF_IMM, ARG1, BPF_PSEUDO_MAP_FD, 0, map),
        OP(0, 0, 0, 0, 0),       // its second half
        MOVE(ARG2, STACK),
        OP(BPF_ALU64 | BPF_ADD | BPF_K, ARG2, 0, 0, KEY_AT),
        CALL(BPF_FUNC_map_lookup_elem),
        JUMP(BPF_JEQ, RESULT, 0, END - 15),
        MOVE(SOCKET, RESULT),
        MOVE(ARG1, CONTEXT),
        MOVE(ARG2, SOCKET),
        SET(ARG3, 0),
        CALL(BPF_FUNC_sk_assign),
        MOVE(ARG1, SOCKET),
        CALL(BPF_FUNC_sk_release),
        SET(RESULT, SK_PASS),    // END: nobody's is looked up as ever
        EXIT,
    };
    // clang-format on
    union bpf_attr attributes = {
        .prog_type = BPF_PROG_TYPE_SK_LOOKUP,
        .expected_attach_type = BPF_SK_LOOKUP,
        .insns = address_of(program),
        .insn_cnt = LENGTH,
        .license = address_of("ISC"),
    };
    return bpf(BPF_PROG_LOAD, &attributes);
}

static int attach(int program)
{
    int space = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (space < 0)
        return -errno;
    union bpf_attr attributes = {
        .link_create = {.prog_fd = (uint32_t)program,
                        .target_fd = (uint32_t)space,
                        .attach_type = BPF_SK_LOOKUP},
    };
    int link = bpf(BPF_LINK_CREATE, &attributes);
    close(space);
    return link;
}

int port_catch_open(const int sockets[FAMILIES], uint16_t first)
{
    int map = map_sockets(sockets);
    if (map < 0)
        return map;
    int program = load(map, first);
    close(map);  // the program holds it
    if (program < 0)
        return program;
    int link = attach(program);
    close(program);  // the link holds it
    return link;
}
