// SPDX-License-Identifier: ISC
#include "rib/best.h"

#include "rib/rib_check.h"

// Each row: paths as "local_pref as_path(hex) origin med originator clusters", the path_id being
// the place, and which one wins. Orders are tried both ways round.
struct row_path {
    uint32_t local_pref;
    const char *as_path;
    uint8_t origin;
    uint32_t med, originator_id;
    uint16_t clusters;
};

enum { PATHS = 3 };

#define AS1 "0201 0000fde9"
#define AS2 "0201 0000fdea"
#define AS1_AS3 "0202 0000fde9 0000fe4c"
#define AS1_SET "0201 0000fde9 0102 0000fe4c 0000fe4d"
#define CONFED_AS1 "0302 0000fe4c 0000fe4d 0201 0000fde9"

static const struct {
    const char *name;
    size_t best, count;
    struct row_path paths[PATHS];
} rows[] = {
    {"only one", 0, 1, {{100, AS1, 0, 0, 0, 0}}},
    {"local preference before length", 1, 2, {{100, AS1, 0, 0, 0, 0}, {101, AS1_AS3, 2, 9, 9, 4}}},
    {"shorter path", 1, 2, {{100, AS1_AS3, 0, 0, 0, 0}, {100, AS1, 2, 9, 9, 4}}},
    {"empty path is shortest", 1, 2, {{100, AS1, 0, 0, 0, 0}, {100, "", 0, 0, 0, 0}}},
    {"a set counts one", 0, 2, {{100, AS1_SET, 0, 0, 0, 0}, {100, AS1_AS3, 0, 0, 1, 0}}},
    {"confederation counts none",
     0,
     2,
     {{100, CONFED_AS1, 0, 0, 0, 0}, {100, AS1_AS3, 0, 0, 0, 0}}},
    {"lower origin", 1, 2, {{100, AS1, 1, 0, 0, 0}, {100, AS1, 0, 9, 9, 4}}},
    {"lower MED of one neighbour", 1, 2, {{100, AS1, 0, 5, 0, 0}, {100, AS1, 0, 4, 9, 4}}},
    {"MED of two neighbours says nothing", 0, 2, {{100, AS1, 0, 5, 0, 0}, {100, AS2, 0, 4, 9, 0}}},
    {"neighbour behind a confederation",
     1,
     2,
     {{100, CONFED_AS1, 0, 5, 0, 0}, {100, AS1, 0, 4, 9, 0}}},
    {"MED takes out, then the id decides",
     2,
     3,
     {{100, AS1, 0, 5, 1, 0}, {100, AS1, 0, 4, 9, 0}, {100, AS2, 0, 7, 2, 0}}},
    {"lower originator", 1, 2, {{100, AS1, 0, 0, 2, 0}, {100, AS2, 0, 0, 1, 4}}},
    {"shorter cluster list", 1, 2, {{100, AS1, 0, 0, 1, 2}, {100, AS2, 0, 0, 1, 1}}},
    {"lower path identifier", 0, 2, {{100, AS1, 0, 0, 1, 1}, {100, AS2, 0, 0, 1, 1}}},
};

static void prefers_as_the_rfc_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rib *rib = rib_new(1 << 20, (struct siphash_key){1, 0});
        struct rib_path paths[PATHS], reversed[PATHS];
        size_t count = rows[i].count;
        for (size_t at = 0; at < count; at++) {
            const struct row_path *p = &rows[i].paths[at];
            static const uint8_t clusters[16];
            uint8_t as_path[32];
            size_t size = check_hex(p->as_path, as_path);
            uint32_t kept = rib_attributes_take(
                rib, &(struct rib_attributes){.local_pref = p->local_pref,
                                              .origin = p->origin,
                                              .med = p->med,
                                              .originator_id = p->originator_id,
                                              .cluster_list = {clusters, p->clusters * 4u},
                                              .as_path = {as_path, size}});
            paths[at] = (struct rib_path){0, (uint32_t)at, kept};
            reversed[count - 1 - at] = paths[at];
        }
        CHECK_ROW(rows[i].name,
                  rib_best_of(rib_live(rib), paths, count).path.path_id == rows[i].best);
        CHECK_ROW(rows[i].name,
                  rib_best_of(rib_live(rib), reversed, count).path.path_id == rows[i].best);
        for (size_t at = 0; at < count; at++)  // what is best for one router nobody beats
            CHECK_ROW(rows[i].name,
                      !rib_path_beats(rib_live(rib), &paths[at], &paths[rows[i].best]));
        rib_free(rib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prefers_as_the_rfc_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
