// SPDX-License-Identifier: ISC
// What people may have done: who may, and what they are answered. The engine is the real one.
#include "role/acts.h"

#include "base/check.h"
#include "engine/lifts.h"
#include "engine/small_net.h"
#include "role/now.h"

#include <fcntl.h>
#include <unistd.h>

struct house {
    struct net net;
    struct daemon *d;
};

static void house_open(struct house *h)
{
    h->net = small_net();
    h->net.maintenance.circuit_count = 1;
    h->net.maintenance.circuits[0].object = (struct net_object){NET_OBJECT_UPSTREAM, 1, 0};
    strcpy(h->net.maintenance.circuits[0].id, "IC-1");
    h->d = calloc(1, sizeof *h->d);
    assert_non_null(h->d);
    h->d->net = &h->net;
    h->d->engine = engine_new(&h->net);
    size_t count;  // of effects: it tells of no roles yet
    engine_step(h->d->engine, &(struct event){.kind = EVENT_TICK, .at = now_mono()}, &count);
    h->d->outbox = outbox_new();
    teller_init(&h->d->teller, &h->net, open("/dev/null", O_WRONLY), false);
}

static void house_close(struct house *h)
{
    close(h->d->teller.fd);
    outbox_free(h->d->outbox);
    engine_free(h->d->engine);
    free(h->d);
}

static const struct person anna = {.uid = 1000, .name = "anna", .rights = RIGHTS_ALL};
static const struct person carl = {.uid = 1002, .name = "carl", .rights = RIGHTS_ALL};
static const struct person bert = {.uid = 1001, .name = "bert", .rights = RIGHT_READ};

static const struct person page = {.uid = ASKED_UID_WEB, .name = "dora", .rights = RIGHT_READ};
static const struct person acker = {
    .uid = ASKED_UID_WEB, .name = "emil", .rights = RIGHT_READ | RIGHT_ACK};
static const struct person actor = {
    .uid = ASKED_UID_WEB, .name = "finn", .rights = RIGHT_READ | RIGHT_ACT};
static const struct person retrying = {
    .uid = ASKED_UID_WEB, .name = "finn", .rights = RIGHT_ACT, .request_id = "r1"};
static const struct person namesake = {
    .uid = ASKED_UID_WEB, .name = "gero", .rights = RIGHT_ACT, .request_id = "r1"};

static const struct {
    const char *name;
    const struct person *person;
    struct ask ask;
    const char *answer;  // what it begins with
} rows[] = {
    {"a stranger",
     &bert,
     {.kind = ASK_FREEZE},
     "{\"error\":\"bert (uid 1001) may ask but not act: only root, whoever runs the daemon, and "
     "the "
     "members of 'control_act_group' may\",\"exit\":1}"},
    {"a freeze",
     &anna,
     {.kind = ASK_FREEZE, .act = {.reason = "a change"}},
     "{\"done\":true,\"accepted\":true,\"number\":0,\"text\":\"nothing moves until a thaw, what "
     "stands stays: a change\"}"},
    {"another",
     &anna,
     {.kind = ASK_FREEZE},
     "{\"done\":true,\"accepted\":false,\"number\":0,\"text\":\"frozen already: anna: a change\"}"},
    {"a maintenance that is past",
     &anna,
     {.kind = ASK_MAINTENANCE, .maintenance = {"carrier/1", 1, "IC-1", 1, 2, false, true, "fibre"}},
     "{\"done\":true,\"accepted\":true,\"number\":0,\"text\":\"upstream transit-b: its window is "
     "past: nothing is planned for it\"}"},
    {"one to come",
     &anna,
     {.kind = ASK_MAINTENANCE,
      .maintenance = {"carrier/1", 1, "IC-1", 1, INT64_MAX, false, true, "fibre"}},
     "{\"done\":true,\"accepted\":true,\"number\":1,\"text\":\"upstream transit-b: begins in 0 "
     "min, "
     "for "},
    {"one of a circuit that is not ours",
     &anna,
     {.kind = ASK_MAINTENANCE, .maintenance = {.id = "carrier/1", .circuit = "IC-2"}},
     "{\"error\":\"circuit 'IC-2' is none of 'maintenance.objects': nothing is planned for "
     "it\",\"exit\":1}"},
    {"all of it",
     &anna,
     {.kind = ASK_MAINTENANCE, .maintenance = {.id = "carrier/1", .sequence = 2}},
     "{\"done\":true,\"accepted\":true,\"number\":0,\"text\":\"all: 1 of it are no longer "
     "planned\"}"},
    {"a lift",
     &anna,
     {.kind = ASK_LIFT,
      .act = {.object = "upstream transit-a", .for_s = 60, .number = LIFT_S9, .reason = "a fire"}},
     "{\"done\":true,\"accepted\":true,\"number\":2,\"text\":\"S9 of upstream transit-a is lifted "
     "when "
     "another person says so within 10 min: fairlead approve 2\"}"},
    {"the same person again",
     &anna,
     {.kind = ASK_APPROVE, .act = {.number = 2}},
     "{\"done\":true,\"accepted\":false,\"number\":0,\"text\":\"you asked for it yourself: another "
     "person must say so (S18)\"}"},
    {"another person",
     &carl,
     {.kind = ASK_APPROVE, .act = {.number = 2}},
     "{\"done\":true,\"accepted\":true,\"number\":0,\"text\":\"S9 of upstream transit-a is lifted "
     "for 1 "
     "min: fairlead unlift 2 ends it\"}"},
    {"its end",
     &carl,
     {.kind = ASK_UNLIFT, .act = {.number = 2}},
     "{\"done\":true,\"accepted\":true,\"number\":0,\"text\":\"lift 2 is over: what was moved by "
     "it "
     "stays\"}"},
    {"a lift of nothing",
     &anna,
     {.kind = ASK_LIFT, .act = {.object = "upstream x", .for_s = 60, .reason = "a fire"}},
     "{\"error\":\"there is no upstream 'x'"},
    {"a drain meanwhile",
     &anna,
     {.kind = ASK_DRAIN, .act = {.object = "router edge1"}},
     "{\"done\":true,\"accepted\":false,\"number\":0,\"text\":\"all moves are frozen: fairlead "
     "thaw "
     "ends that\"}"},
    {"a thaw", &anna, {.kind = ASK_THAW}, "{\"done\":true,\"accepted\":true,"},
    {"a drain of nothing",
     &anna,
     {.kind = ASK_DRAIN, .act = {.object = "router edge3"}},
     "{\"error\":\"there is no router 'edge3': did you mean 'edge1'?\",\"exit\":2}"},
    {"a drain before its time",
     &anna,
     {.kind = ASK_DRAIN, .act = {.object = "upstream transit-a"}},
     "{\"done\":true,\"accepted\":false,\"number\":0,\"text\":\"transit-a ipv4: the prober is "
     "silent: "},
    {"no drain to end",
     &anna,
     {.kind = ASK_UNDRAIN, .act = {.object = "site"}},
     "{\"done\":true,\"accepted\":false,\"number\":0,\"text\":\"site is not drained\"}"},
    {"a reader over the web",
     &page,
     {.kind = ASK_ACK, .act = {.number = 1}},
     "{\"error\":\"dora may not: that takes the right 'ack'\",\"exit\":1}"},
    {"who may acknowledge",
     &acker,
     {.kind = ASK_ACK, .act = {.number = 1}},
     "{\"done\":true,\"accepted\":false,"},
    {"and no more",
     &acker,
     {.kind = ASK_FREEZE},
     "{\"error\":\"emil may not: that takes the right 'act'\",\"exit\":1}"},
    {"who may act, but not acknowledge",
     &actor,
     {.kind = ASK_ACK, .act = {.number = 1}},
     "{\"error\":\"finn may not: that takes the right 'ack'\""},
    {"nor lift a limit",
     &actor,
     {.kind = ASK_LIFT, .act = {.object = "upstream transit-a", .for_s = 60, .reason = "a fire"}},
     "{\"error\":\"finn may not: that takes the right 'admin'\""},
    {"nor end it", &actor, {.kind = ASK_STOP}, "{\"error\":\"finn may not: that takes"},
    {"once",
     &retrying,
     {.kind = ASK_FREEZE, .act = {.reason = "a change"}},
     "{\"done\":true,\"accepted\":true,\"number\":0,"},
    {"and again",
     &retrying,
     {.kind = ASK_FREEZE, .act = {.reason = "a change"}},
     "{\"done\":true,\"accepted\":true,\"number\":0,\"text\":\"nothing moves until a thaw, what "
     "stands stays: a change\",\"again\":true}"},
    {"another act by its id",
     &retrying,
     {.kind = ASK_THAW},
     "{\"error\":\"this request_id was another act's: take a new one\",\"exit\":2}"},
    {"another person's id",
     &namesake,
     {.kind = ASK_FREEZE, .act = {.reason = "a change"}},
     "{\"done\":true,\"accepted\":false,\"number\":0,\"text\":\"frozen already: finn"},
};

static void acts_for_who_may(void **state)
{
    (void)state;
    struct house h;
    house_open(&h);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_ROW(rows[i].name, daemon_is_act(&rows[i].ask));
        json_t *json = daemon_act(h.d, &rows[i].ask, rows[i].person);
        char *text = json_dumps(json, JSON_COMPACT);
        if (!text || strncmp(text, rows[i].answer, strlen(rows[i].answer)) != 0)
            fail_msg("row '%s': %s", rows[i].name, text);
        free(text);
        json_decref(json);
    }
    for (enum ask_kind kind = ASK_NONE; kind < ASK_KINDS; kind++)
        assert_int_equal(daemon_is_act(&(struct ask){.kind = kind}), kind >= ASK_FREEZE);
    house_close(&h);
}

// What is not among the drafts cannot go out, and whoever asks for it hears so.
static void publishes_what_is_drafted(void **state)
{
    (void)state;
    static const struct {
        const char *drafts;
        uint32_t run, number;
        const char *answer;
    } asks[] = {
        {" 3.12 7.1 1 ", 3, 12, "{\"done\":true,\"accepted\":true,\"number\":12,"},
        {" 3.12 7.1 1 ", 3, 1, "{\"error\":\"there is no draft of outage 3.1: "},
        {" 3.12 7.1 1 ", 3, 2, "{\"error\":\"there is no draft of outage 3.2: "},
        {" 3.12 7.1 1 ", 0, 12, "{\"error\":\"there is no draft of outage 12: "},
        {" 3.12 7.1 1 ", 0, 1, "{\"done\":true,\"accepted\":false,"},  // the engine has none
        {" ", 3, 12, "{\"error\":\"there is no draft of outage 3.12: "},
        {"", 3, 12, "{\"error\":\"there is no draft of outage 3.12: "},
    };
    struct house h;
    house_open(&h);
    struct ask ask = {.kind = ASK_PUBLISH, .act = {.number = 12, .run = 3}};
    json_t *json = daemon_act(h.d, &ask, &anna);
    const char *said = json_string_value(json_object_get(json, "text"));
    assert_non_null(said);
    assert_non_null(strstr(said, "there is no status page"));
    json_decref(json);
    strcpy(h.net.status_page.directory, "/nowhere");
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        strcpy(h.d->stored.drafts, asks[i].drafts);
        ask.act.run = asks[i].run;
        ask.act.number = asks[i].number;
        json = daemon_act(h.d, &ask, &anna);
        char *text = json_dumps(json, JSON_COMPACT);
        if (!text || strncmp(text, asks[i].answer, strlen(asks[i].answer)) != 0)
            fail_msg("row %zu: %s", i, text);
        assert_true(!strstr(text, "error") || strstr(text, ",\"exit\":1}"));
        free(text);
        json_decref(json);
    }
    h.d->children[ROLE_STORE].channel = -1;  // it is gone: nobody would publish anything
    strcpy(h.d->stored.drafts, asks[0].drafts);
    stored_turn(h.d, false);
    assert_false(stored_has_draft(h.d, 3, 12));
    house_close(&h);
}

// It knows the last ones, and those of nobody who gave no id.
static void forgets_the_oldest(void **state)
{
    (void)state;
    struct acts_done *done = calloc(1, sizeof *done);
    const struct ask ask = {.kind = ASK_FREEZE, .version = ASK_VERSION};
    json_t *answer = json_pack("{s:b}", "done", 1);
    struct person person = {.name = "finn"};
    acts_done_add(done, &person, &ask, answer);
    assert_null(acts_done_find(done, &person));
    for (int i = 0; i <= ACTS_DONE_MAX; i++) {
        snprintf(person.request_id, sizeof person.request_id, "r%d", i);
        acts_done_add(done, &person, &ask, answer);
        assert_non_null(acts_done_find(done, &person));
    }
    strcpy(person.request_id, "r0");
    assert_null(acts_done_find(done, &person));
    strcpy(person.request_id, "r1");
    assert_non_null(acts_done_find(done, &person));
    json_decref(answer);
    free(done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(acts_for_who_may),
                                       cmocka_unit_test(publishes_what_is_drafted),
                                       cmocka_unit_test(forgets_the_oldest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
