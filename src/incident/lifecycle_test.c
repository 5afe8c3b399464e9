// SPDX-License-Identifier: ISC
#include "incident/lifecycle.h"

#include "base/check.h"

#include <string.h>

// Rows are states, columns are events in their order (Suspected Proven Quiet Act sTands Undo uNdone
// Helped Well Relapse Freeze thaw); each cell is the first letter of the next state, Z for frozen,
// '-' where the event cannot come.
static const struct {
    const char *name, *next;
} rows[INCIDENT_STATES] = {
    {"none", "SC----------"},   {"suspect", "-CX---------"}, {"confirmed", "--XA--------"},
    {"acting", "--X-V-C---Z-"}, {"verify", "-----A-H--Z-"},  {"held", "---A-A--T-Z-"},
    {"trial", "--X--A---HZ-"},  {"closed", "------------"},  {"frozen", "SCXA-A-----H"},
};
static const char letters[INCIDENT_STATES + 1] = "-SCAVHTXZ";

static void walks_every_pair(void **state)
{
    (void)state;
    for (int s = 0; s < INCIDENT_STATES; s++) {
        CHECK_ROW(rows[s].name, strcmp(incident_state_names[s], rows[s].name) == 0);
        CHECK_ROW(rows[s].name, strlen(rows[s].next) == INCIDENT_EVENTS);
        for (int e = 0; e < INCIDENT_EVENTS; e++)
            CHECK_ROW(rows[s].name, letters[incident_next(s, e)] == rows[s].next[e]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(walks_every_pair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
