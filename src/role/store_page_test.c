// SPDX-License-Identifier: ISC
// The public status as files, written by the store's process.
#include "role/store_check.h"

static char *read_page(const struct rig *rig, const char *name)
{
    char path[400], *text = calloc(1, 16 * 1024);
    snprintf(path, sizeof path, "%s/%s", rig->directory, name);
    FILE *file = fopen(path, "r");
    if (file) {
        text[fread(text, 1, 16 * 1024 - 1, file)] = '\0';
        fclose(file);
    }
    return text;
}

static bool page_says(const struct rig *rig, const char *name, const char *what)
{
    char *text = read_page(rig, name);
    bool says = strstr(text, what) != NULL;
    free(text);
    return says;
}

static void put_extent(struct rig *rig, int number)
{
    char text[400];
    snprintf(text, sizeof text,
             "{\"effect\":\"extent\",\"at_ns\":9000000000,\"number\":%d,\"share_ppm\":20000,"
             "\"traffic_known\":true,\"hit_ipv4\":[\"transit-a\"],\"hit_ipv6\":[],\"ever_ipv4\":"
             "[\"transit-a\"],\"ever_ipv6\":[],\"routed_ipv4_ppm\":null,\"routed_ipv6_ppm\":null,"
             "\"moved\":0,\"destinations\":\"\",\"own_lost\":0,\"own\":\"\","
             "\"foreign_now\":0,\"foreign\":\"\"}",
             number);
    put(rig, now_wall().ns, text);
}

static void put_publish(struct rig *rig, int number)
{
    char text[200];
    snprintf(
        text, sizeof text,
        "{\"effect\":\"publish\",\"at_ns\":1,\"run\":0,\"number\":%d,\"who\":\"anna\",\"note\":"
        "\"we know\"}",
        number);
    put(rig, now_wall().ns, text);
}

static const char *hear_drafts(struct rig *rig)
{
    while (hear_any(rig)[0] != '#')
        continue;
    return rig->said;
}

static void remove_pages(struct rig *rig)
{
    static const char *const names[] = {
        "draft/index.html",   "draft/status.json", "draft/feed.atom", "public/index.html",
        "public/status.json", "public/feed.atom",  "draft",           "public"};
    char path[400];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", rig->directory, names[i]);
        (void)remove(path);
    }
}

// Drafts are written as they come; what is published, when a person says so; and the next life of
// the process goes on with both. A store that is no file stops none of it.
static void writes_the_public_status(void **state)
{
    (void)state;
    for (int works = 1; works >= 0; works--) {
        struct rig rig = set_up();
        rig.net->upstream_count = 1;
        strcpy(rig.net->upstreams[0].name, "transit-a");
        strcpy(rig.net->site, "fra1");
        strcpy(rig.net->status_page.directory, rig.directory);
        if (!works)
            snprintf(rig.net->store.path, sizeof rig.net->store.path, "%s", rig.directory);
        start(&rig, RLIM_INFINITY);
        put_extent(&rig, 1);
        put_outage(&rig, 1, "open");
        put_extent(&rig, 2);
        put_outage(&rig, 2, "open");
        end(&rig);
        assert_true(page_says(&rig, "draft/index.html", "by way of transit-a"));
        assert_true(page_says(&rig, "draft/status.json", works ? "\"1.1\"" : "\"0.1\""));
        assert_true(page_says(&rig, "draft/feed.atom", "2.0 %"));
        assert_false(page_says(&rig, "public/index.html", "html"));
        start(&rig, RLIM_INFINITY);
        if (!works) {
            put_extent(&rig, 2);
            put_outage(&rig, 2, "open");
        }
        put_publish(&rig, 2);
        end(&rig);
        assert_true(page_says(&rig, "public/index.html", "we know"));
        assert_true(page_says(&rig, "public/status.json", works ? "\"1.2\"" : "\"0.2\""));
        assert_false(page_says(&rig, "public/status.json", ".1\""));
        remove_pages(&rig);
        tear_down(&rig);
    }
}

// What people may publish, in each life of the process.
static void tells_which_drafts_there_are(void **state)
{
    (void)state;
    struct rig rig = set_up();
    rig.net->upstream_count = 1;
    strcpy(rig.net->upstreams[0].name, "transit-a");
    strcpy(rig.net->status_page.directory, rig.directory);
    start(&rig, RLIM_INFINITY);
    assert_string_equal(hear_drafts(&rig), "# ");
    put_outage(&rig, 1, "open");  // nothing is lost in it
    put_extent(&rig, 2);
    put_outage(&rig, 2, "open");
    assert_string_equal(hear_drafts(&rig), "# 1.2 2 ");
    end(&rig);
    start(&rig, RLIM_INFINITY);
    assert_string_equal(hear_drafts(&rig), "# 1.2 2 ");
    end(&rig);
    rig.role->began.ns += NS_PER_S;  // of the daemon: 2 is another one now
    start(&rig, RLIM_INFINITY);
    assert_string_equal(hear_drafts(&rig), "# 1.2 ");
    end(&rig);
    remove_pages(&rig);
    tear_down(&rig);
}

static void tells_of_pages_that_cannot_be_written(void **state)
{
    (void)state;
    struct rig rig = set_up();
    rig.net->upstream_count = 1;
    strcpy(rig.net->upstreams[0].name, "transit-a");
    snprintf(rig.net->status_page.directory, sizeof rig.net->status_page.directory, "%s/nowhere",
             rig.directory);
    start(&rig, RLIM_INFINITY);
    put_extent(&rig, 1);
    put_outage(&rig, 1, "open");
    assert_non_null(strstr(hear(&rig), "!cannot write the status page in"));
    end(&rig);
    assert_int_equal(number_of(&rig, "SELECT count(*) FROM facts"), 2);
    tear_down(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_public_status),
        cmocka_unit_test(tells_which_drafts_there_are),
        cmocka_unit_test(tells_of_pages_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
