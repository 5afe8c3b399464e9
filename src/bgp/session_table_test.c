// SPDX-License-Identifier: ISC
#include "bgp/session_table.h"

#include "base/check.h"
#include "bgp/collision.h"

// Every pair of state and fact, as action and next state: d dial, o OPEN, c confirm, u up, l
// listen, t tell, x close, n notify, - nothing; I C S F E. A dot cannot happen.
static const char *const pairs[BGP_SESSION_STATES] = {
    //                START CONN CLOSE OPEN KEEP UPD  BAD  NOTI HOLD SEND STOP
    [BGP_IDLE] = "dC oS .. .. .. .. .. .. .. .. -I",
    [BGP_CONNECT] = ".. oS xI .. .. .. .. .. .. .. xI",
    [BGP_OPENSENT] = ".. .. xI cF .. .. nI xI nI nI xI",
    [BGP_OPENCONFIRM] = ".. .. xI .. uE .. nI xI nI nI xI",
    [BGP_ESTABLISHED] = ".. .. xI .. lE tE nI xI nI nI xI",
};

static void goes_where_the_rfc_says(void **state)
{
    (void)state;
    static const char actions[] = {
        [BGP_NOT_THERE] = '.',  [BGP_DO_NOTHING] = '-', [BGP_DO_DIAL] = 'd',   [BGP_DO_OPEN] = 'o',
        [BGP_DO_CONFIRM] = 'c', [BGP_DO_GO_UP] = 'u',   [BGP_DO_LISTEN] = 'l', [BGP_DO_TELL] = 't',
        [BGP_DO_CLOSE] = 'x',   [BGP_DO_NOTIFY] = 'n',
    };
    for (enum bgp_session_state from = 0; from < BGP_SESSION_STATES; from++) {
        for (enum bgp_fact fact = 0; fact < BGP_FACTS; fact++) {
            const char *expected = pairs[from] + 3 * fact;
            struct bgp_transition t = bgp_transition(from, fact);
            CHECK_ROW(bgp_session_state_name(from), actions[t.action] == expected[0]);
            CHECK_ROW(bgp_session_state_name(from),
                      t.action == BGP_NOT_THERE || "ICSFE"[t.next] == expected[1]);
        }
    }
}

// RFC 4271 §6.8, for an OPEN over each connection against each state of the other.
static const struct {
    const char *name;
    bool dialled;
    enum bgp_session_state other;
    uint32_t local_id, peer_id;
    enum bgp_collision expected;
} collisions[] = {
    {"no other", true, BGP_IDLE, 1, 2, BGP_COLLISION_NONE},
    {"other dialling", false, BGP_CONNECT, 1, 2, BGP_COLLISION_NONE},
    {"other has not heard", true, BGP_OPENSENT, 1, 2, BGP_COLLISION_NONE},
    {"other is up", true, BGP_ESTABLISHED, 2, 1, BGP_COLLISION_THIS_GOES},
    {"other is up, called", false, BGP_ESTABLISHED, 1, 2, BGP_COLLISION_THIS_GOES},
    {"we are higher, dialled", true, BGP_OPENCONFIRM, 2, 1, BGP_COLLISION_OTHER_GOES},
    {"we are higher, called", false, BGP_OPENCONFIRM, 2, 1, BGP_COLLISION_THIS_GOES},
    {"we are lower, dialled", true, BGP_OPENCONFIRM, 1, 2, BGP_COLLISION_THIS_GOES},
    {"we are lower, called", false, BGP_OPENCONFIRM, 1, 2, BGP_COLLISION_OTHER_GOES},
};

static void one_of_two_connections_stays(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof collisions / sizeof collisions[0]; i++)
        CHECK_ROW(collisions[i].name,
                  bgp_collide(collisions[i].dialled, collisions[i].other, collisions[i].local_id,
                              collisions[i].peer_id) == collisions[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_where_the_rfc_says),
        cmocka_unit_test(one_of_two_connections_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
