// SPDX-License-Identifier: ISC
// Over loopback: what the kernel says about datagrams.
#include "role/datagram.h"

#include "base/check.h"
#include "role/now.h"

#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *host;
} hosts[] = {{"IPv4", "127.0.0.1"}, {"IPv6", "::1"}};

struct pair {
    int near, far;
    struct address address;
    union endpoint far_end;
};

static int open_at(struct address address)
{
    int fd = socket(endpoint_family(address.family), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    union endpoint endpoint = endpoint_of(address, 0);
    assert_true(fd >= 0 && bind(fd, &endpoint.any, endpoint_size(&endpoint)) == 0);
    assert_int_equal(datagram_want_facts(fd, address.family), 0);
    return fd;
}

static struct pair open_pair(const char *host)
{
    struct pair p;
    socklen_t size = sizeof p.far_end;
    assert_true(address_parse(host, &p.address));
    p.near = open_at(p.address);
    p.far = open_at(p.address);
    assert_int_equal(getsockname(p.far, &p.far_end.any, &size), 0);
    return p;
}

static void close_pair(struct pair p)
{
    close(p.near);
    close(p.far);
}

static void send_some(struct pair p, struct datagram_batch *batch, int count)
{
    for (int i = 0; i < count; i++) {
        memset(batch->slots[i].bytes, i, 100);
        batch->slots[i].peer = p.far_end;
        datagram_compose(batch, i, (size_t)(10 + i), p.address, 0);
        if (i > 0)
            datagram_classify(batch, i, (uint8_t)(0xb8 + i));
    }
    assert_int_equal(datagram_send(p.near, batch, 0, count), count);
}

static void brings_them_with_what_the_kernel_knows(void **state)
{
    struct datagram_batch *batch = *state;
    for (size_t h = 0; h < sizeof hosts / sizeof hosts[0]; h++) {
        struct pair p = open_pair(hosts[h].host);
        assert_int_equal(datagram_receive(p.far, batch), 0);
        assert_int_equal(datagram_set_ttl(p.near, p.address.family, 99), 0);
        assert_int_equal(datagram_want_local(p.far, p.address.family), 0);
        assert_int_equal(datagram_want_port(p.far, p.address.family), 0);
        struct wall before = now_wall();
        send_some(p, batch, 3);
        assert_int_equal(datagram_receive(p.far, batch), 3);
        struct wall after = now_wall();  // a busy kernel stamps them when send() is over
        for (int i = 0; i < 3; i++) {
            struct datagram_facts facts = datagram_facts(batch, i);
            CHECK_ROW(hosts[h].name, datagram_size(batch, i) == (size_t)(10 + i));
            CHECK_ROW(hosts[h].name, batch->slots[i].bytes[9 + i] == i);
            CHECK_ROW(hosts[h].name, facts.received_at.ns >= before.ns);
            CHECK_ROW(hosts[h].name, facts.received_at.ns <= after.ns);
            CHECK_ROW(hosts[h].name, facts.ttl == 99 && facts.dropped == 0);
            CHECK_ROW(hosts[h].name, facts.traffic_class == (i > 0 ? 0xb8 + i : 0));
            CHECK_ROW(hosts[h].name, address_equal(facts.local, p.address));
            CHECK_ROW(hosts[h].name, facts.local_port == endpoint_port(&p.far_end));
            struct address from = endpoint_address(&batch->slots[i].peer);
            CHECK_ROW(hosts[h].name, address_equal(from, p.address));
        }
        close_pair(p);
    }
}

// A socket that was too full says so: by what it brings next, and when asked.
static void tells_what_a_full_socket_dropped(void **state)
{
    struct datagram_batch *batch = *state;
    const int smallest = 1;
    for (size_t h = 0; h < sizeof hosts / sizeof hosts[0]; h++) {
        struct pair p = open_pair(hosts[h].host);
        setsockopt(p.far, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
        CHECK_ROW(hosts[h].name, datagram_dropped(p.far) == 0);
        for (int i = 0; i < 8; i++)
            send_some(p, batch, DATAGRAM_BATCH);
        int kept = 0;
        for (int came; (came = datagram_receive(p.far, batch)) > 0;)
            kept += came;
        uint32_t dropped = datagram_dropped(p.far);
        CHECK_ROW(hosts[h].name, dropped > 0 && dropped + (uint32_t)kept == 8 * DATAGRAM_BATCH);
        send_some(p, batch, 1);
        CHECK_ROW(hosts[h].name, datagram_receive(p.far, batch) == 1);
        CHECK_ROW(hosts[h].name, datagram_facts(batch, 0).dropped == dropped);
        close_pair(p);
    }
}

static void says_when_one_was_cut(void **state)
{
    struct datagram_batch *batch = *state;
    static const uint8_t much[DATAGRAM_SIZE_MAX + 1];
    struct pair p = open_pair("::1");
    for (size_t size = DATAGRAM_SIZE_MAX; size <= sizeof much; size++)
        assert_int_equal(sendto(p.near, much, size, 0, &p.far_end.any, endpoint_size(&p.far_end)),
                         size);
    assert_int_equal(datagram_receive(p.far, batch), 2);
    assert_true(datagram_size(batch, 0) == DATAGRAM_SIZE_MAX);
    assert_true(datagram_size(batch, 1) == SIZE_MAX);
    close_pair(p);
}

static int make_batch(void **state)
{
    static struct datagram_batch batch;
    *state = &batch;
    return datagram_batch_init(&batch) ? 0 : -1;
}

static int free_batch(void **state)
{
    datagram_batch_done(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_them_with_what_the_kernel_knows),
        cmocka_unit_test(tells_what_a_full_socket_dropped),
        cmocka_unit_test(says_when_one_was_cut),
    };
    return cmocka_run_group_tests(tests, make_batch, free_batch);
}
