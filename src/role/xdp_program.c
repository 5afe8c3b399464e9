// SPDX-License-Identifier: ISC
#include "role/xdp_program.h"

#include "role/bpf_code.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <netinet/in.h>
#include <stddef.h>
#include <unistd.h>

enum { CODE_MAX = 80, STAMP_SIZE = 8 };
enum { ETHERNET = 14, IPV4 = ETHERNET + 20, IPV6 = ETHERNET + 40, UDP = 8, KEY = 16 };
enum { KEY_AT = -KEY };  // on the stack

// Addresses of IPv4 as IPv6 writes them: ::ffff:192.0.2.1 (RFC 4291 §2.5.5.2).
static void key_of(struct address address, uint8_t key[KEY])
{
    memcpy(key, address.bytes, KEY);
    if (address.family != FAMILY_IPV4)
        return;
    memset(key, 0, KEY - 6);
    memset(key + KEY - 6, 0xff, 2);
    memcpy(key + KEY - 4, address.bytes, 4);
}

// Instructions as they are written down; jumps out of the middle all lead to where the kernel gets
// the frame.
struct code {
    struct bpf_insn code[CODE_MAX];
    int count;
    int leaving[CODE_MAX], leaving_count;
};

static void put(struct code *c, const struct bpf_insn *code, size_t count)
{
    assert((size_t)c->count + count <= CODE_MAX);
    memcpy(c->code + c->count, code, count * sizeof code[0]);
    c->count += (int)count;
}

#define PUT(c, ...)                                                                                \
    put(c, (const struct bpf_insn[]){__VA_ARGS__},                                                 \
        sizeof((const struct bpf_insn[]){__VA_ARGS__}) / sizeof(struct bpf_insn))

static void leave_if(struct code *c, int comparison, unsigned of, int32_t number)
{
    c->leaving[c->leaving_count++] = c->count;
    PUT(c, BPF_JUMP_IF(comparison, of & 0xf, number, 0));
}

// Where the frame begins is in KEPT1, its end in KEPT2.
static void leave_if_shorter(struct code *c, int size)
{
    PUT(c, BPF_MOVE(BPF_ARG2, BPF_KEPT1), BPF_PLUS(BPF_ARG2, size));
    c->leaving[c->leaving_count++] = c->count;
    PUT(c, BPF_STEP(BPF_JMP | BPF_JGT | BPF_X, BPF_ARG2, BPF_KEPT2, 0, 0));
}

static void put_head(struct code *c)
{
    PUT(c, BPF_MOVE(BPF_CONTEXT, BPF_ARG1),
        BPF_LOAD(W, BPF_KEPT1, BPF_CONTEXT, offsetof(struct xdp_md, data)),
        BPF_LOAD(W, BPF_KEPT2, BPF_CONTEXT, offsetof(struct xdp_md, data_end)),
        BPF_MOVE(BPF_ARG2, BPF_KEPT1), BPF_PLUS(BPF_ARG2, XDP_FRAME_MAX));
    c->leaving[c->leaving_count++] = c->count;
    PUT(c, BPF_STEP(BPF_JMP | BPF_JLT | BPF_X, BPF_ARG2, BPF_KEPT2, 0, 0));
    leave_if_shorter(c, IPV4 + UDP);
    PUT(c, BPF_LOAD(H, BPF_ARG1, BPF_KEPT1, offsetof(struct ethhdr, h_proto)));
}

static void put_port(struct code *c, int at, uint16_t first)
{
    PUT(c, BPF_LOAD(H, BPF_ARG3, BPF_KEPT1, at + 2),
        BPF_STEP(BPF_ALU | BPF_END | BPF_TO_BE, BPF_ARG3, 0, 0, 16));
    leave_if(c, BPF_JLT, BPF_ARG3, first);
}

static void put_ipv4(struct code *c, uint16_t first)
{
    PUT(c, BPF_LOAD(B, BPF_ARG3, BPF_KEPT1, ETHERNET));
    leave_if(c, BPF_JNE, BPF_ARG3, 0x45);  // options are the kernel's
    PUT(c, BPF_LOAD(B, BPF_ARG3, BPF_KEPT1, ETHERNET + 9));
    leave_if(c, BPF_JNE, BPF_ARG3, IPPROTO_UDP);
    PUT(c, BPF_LOAD(H, BPF_ARG3, BPF_KEPT1, ETHERNET + 6),
        BPF_STEP(BPF_ALU64 | BPF_AND | BPF_K, BPF_ARG3, 0, 0, htons(0x3fff)));
    leave_if(c, BPF_JNE, BPF_ARG3, 0);  // a fragment
    put_port(c, IPV4, first);
    PUT(c, BPF_STORE_NUMBER(DW, BPF_STACK, KEY_AT, 0),
        BPF_STORE_NUMBER(W, BPF_STACK, KEY_AT + 8, htonl(0xffff)),
        BPF_LOAD(W, BPF_ARG3, BPF_KEPT1, ETHERNET + 16),
        BPF_STORE(W, BPF_STACK, KEY_AT + 12, BPF_ARG3));
}

static void put_ipv6(struct code *c, uint16_t first)
{
    leave_if_shorter(c, IPV6 + UDP);
    PUT(c, BPF_LOAD(B, BPF_ARG3, BPF_KEPT1, ETHERNET + 6));
    leave_if(c, BPF_JNE, BPF_ARG3, IPPROTO_UDP);
    put_port(c, IPV6, first);
    for (int i = 0; i < KEY; i += 4)
        PUT(c, BPF_LOAD(W, BPF_ARG3, BPF_KEPT1, ETHERNET + 24 + i),
            BPF_STORE(W, BPF_STACK, KEY_AT + i, BPF_ARG3));
}

// The time goes in front of the frame, where a socket finds it too.
static void put_delivery(struct code *c, const struct xdp_program *p)
{
    PUT(c, BPF_LOAD_MAP(BPF_ARG1, p->addresses), BPF_MOVE(BPF_ARG2, BPF_STACK),
        BPF_PLUS(BPF_ARG2, KEY_AT), BPF_CALL_TO(map_lookup_elem));
    leave_if(c, BPF_JEQ, BPF_RESULT, 0);
    PUT(c, BPF_CALL_TO(ktime_get_ns), BPF_MOVE(BPF_KEPT3, BPF_RESULT),
        BPF_MOVE(BPF_ARG1, BPF_CONTEXT), BPF_SET(BPF_ARG2, -STAMP_SIZE),
        BPF_CALL_TO(xdp_adjust_meta));
    leave_if(c, BPF_JNE, BPF_RESULT, 0);
    PUT(c, BPF_LOAD(W, BPF_KEPT1, BPF_CONTEXT, offsetof(struct xdp_md, data_meta)),
        BPF_LOAD(W, BPF_KEPT2, BPF_CONTEXT, offsetof(struct xdp_md, data)));
    leave_if_shorter(c, STAMP_SIZE);
    PUT(c, BPF_STORE(DW, BPF_KEPT1, 0, BPF_KEPT3), BPF_LOAD_MAP(BPF_ARG1, p->sockets),
        BPF_LOAD(W, BPF_ARG2, BPF_CONTEXT, offsetof(struct xdp_md, rx_queue_index)),
        BPF_SET(BPF_ARG3, XDP_PASS), BPF_CALL_TO(redirect_map), BPF_END_HERE);
}

// What a jump that was put at `from` skips up to here.
static void land(struct code *c, int from)
{
    c->code[from].off = (int16_t)(c->count - from - 1);
}

static int load(const struct xdp_program *p, uint16_t first)
{
    struct code c = {0};
    put_head(&c);
    int other_family = c.count;
    PUT(&c, BPF_JUMP_IF(BPF_JNE, BPF_ARG1, htons(ETH_P_IP), 0));
    put_ipv4(&c, first);
    int done = c.count;
    PUT(&c, BPF_STEP(BPF_JMP | BPF_JA, 0, 0, 0, 0));
    land(&c, other_family);
    leave_if(&c, BPF_JNE, BPF_ARG1, htons(ETH_P_IPV6));
    put_ipv6(&c, first);
    land(&c, done);
    put_delivery(&c, p);
    for (int i = 0; i < c.leaving_count; i++)
        land(&c, c.leaving[i]);
    PUT(&c, BPF_SET(BPF_RESULT, XDP_PASS), BPF_END_HERE);
    int program =
        bpf_prog_load(BPF_PROG_TYPE_XDP, "fairlead", "ISC", c.code, (size_t)c.count, NULL);
    return program < 0 ? -errno : program;
}

// A link, so that it goes with us however we end; not the dispatcher of libxdp, which stays pinned.
static int attach(struct xdp_program *p, uint32_t interface)
{
    const struct bpf_link_create_opts native = {.sz = sizeof native, .flags = XDP_FLAGS_DRV_MODE};
    const struct bpf_link_create_opts generic = {.sz = sizeof generic, .flags = XDP_FLAGS_SKB_MODE};
    p->link = bpf_link_create(p->program, (int)interface, BPF_XDP, &native);
    p->is_native = p->link >= 0;
    if (p->link < 0 && errno != EBUSY)
        p->link = bpf_link_create(p->program, (int)interface, BPF_XDP, &generic);
    return p->link < 0 ? -errno : 0;
}

int xdp_program_open(struct xdp_program *p, uint32_t interface, uint16_t first)
{
    *p = (struct xdp_program){.program = -1, .link = -1, .sockets = -1, .addresses = -1};
    p->sockets = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "fairlead", sizeof(uint32_t), sizeof(uint32_t),
                                XDP_QUEUES_MAX, NULL);
    int error = p->sockets < 0 ? -errno : 0;
    if (!error) {
        p->addresses = bpf_map_create(BPF_MAP_TYPE_HASH, "fairlead", KEY, sizeof(uint8_t),
                                      XDP_ADDRESSES_MAX, NULL);
        error = p->addresses < 0 ? -errno : 0;
    }
    if (!error) {
        p->program = load(p, first);
        error = p->program < 0 ? p->program : attach(p, interface);
    }
    if (error)
        xdp_program_close(p);
    return error;
}

void xdp_program_close(struct xdp_program *p)
{
    int *const all[] = {&p->link, &p->program, &p->addresses, &p->sockets};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (*all[i] >= 0)
            close(*all[i]);
        *all[i] = -1;
    }
}

int xdp_program_take(struct xdp_program *p, struct address address)
{
    const uint8_t yes = 1;
    uint8_t key[KEY];
    key_of(address, key);
    return bpf_map_update_elem(p->addresses, key, &yes, BPF_ANY) < 0 ? -errno : 0;
}

int xdp_program_leave(struct xdp_program *p, struct address address)
{
    uint8_t key[KEY];
    key_of(address, key);
    return bpf_map_delete_elem(p->addresses, key) < 0 && errno != ENOENT ? -errno : 0;
}

int xdp_program_deliver(struct xdp_program *p, uint32_t queue, int socket)
{
    return bpf_map_update_elem(p->sockets, &queue, &socket, BPF_ANY) < 0 ? -errno : 0;
}
