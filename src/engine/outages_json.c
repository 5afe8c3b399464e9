// SPDX-License-Identifier: ISC
// Outages that are open, for people: what is told of each, the causes term by term, and the
// incidents of paths beneath.
#include "engine/healthy.h"
#include "engine/state.h"

static json_int_t milli(double value)
{
    return (json_int_t)(value * 1000);
}

static json_t *cause_json(const struct engine *e, const struct outage *outage,
                          const struct cause *cause)
{
    char text[OUTAGE_CAUSE_MAX];
    struct words words = WORDS_IN(text);
    cause_say(&e->outages.outages.facts, cause, &outage->symptoms, &words);
    return json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "cause",
        cause_kind_names[cause->kind], "words", text, "share_ppm", (json_int_t)(cause->share * 1e6),
        "millinats", milli(cause->nats), "time_millinats", milli(cause->time_nats),
        "place_millinats", milli(cause->place_nats), "prior_millinats", milli(cause->prior_nats),
        "fit_millinats", milli(cause->fit_nats), "chain_millinats", milli(cause->chain_nats),
        "again_millinats", milli(cause->again_nats), "odd_millinats", milli(cause->odd_nats));
}

static json_t *causes_json(const struct engine *e, const struct outage *outage)
{
    json_t *causes = json_array();
    for (uint32_t i = 0; i < outage->causes.count; i++)
        json_array_append_new(causes, cause_json(e, outage, &outage->causes.items[i]));
    return causes;
}

// Those that are open; and of what was part of it and is well again, only that.
static json_t *incidents_json(const struct engine *e, const struct outage *outage, struct mono now)
{
    json_t *incidents = json_array();
    char name[NET_NAME_MAX + 8];
    for (uint64_t left = outage->paths; left; left &= left - 1) {
        uint32_t path = (uint32_t)__builtin_ctzll(left);
        const struct story *story = &e->stories[path];
        bool open = story->state != INCIDENT_NONE;
        json_array_append_new(
            incidents,
            json_pack("{s:s, s:o, s:s, s:s, s:o}", "path", net_path_name(e->net, path, name),
                      "incident", open ? json_integer(story->number) : json_null(), "state",
                      open ? incident_state_names[story->state] : "well", "reason",
                      open ? story->reason : "", "since_ns",
                      open ? json_integer(mono_since_ns(now, story->entered_at)) : json_null()));
    }
    return incidents;
}

static json_t *faults_json(const struct outage *outage)
{
    json_t *faults = json_array();
    for (uint32_t i = 0; i < outage->fault_count; i++)
        json_array_append_new(faults, json_integer(outage->faults[i]));
    return faults;
}

static json_t *healthy_json(const struct engine *e, const struct outage *outage)
{
    char text[HEALTHY_MAX];
    healthy_say(e, outage, text);
    return json_string(text);
}

static json_t *outage_json(const struct engine *e, uint32_t place, struct mono now, bool whole)
{
    const struct outage *outage = &e->outages.outages.items[place];
    const struct effect_outage *told = &e->outages.told[place].outage;
    return json_pack(
        "{s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:o*, s:o*, s:o*, s:o*}", "outage",
        (json_int_t)outage->number, "state", outage_state_names[outage->state], "severity",
        outage_severity_names[outage->severity], "age_ns",
        (json_int_t)mono_since_ns(now, outage->onset), "since_ns",
        (json_int_t)mono_since_ns(now, outage->entered_at), "share_ppm",
        (json_int_t)outage->share_ppm, "title", told->title, "cause", told->cause, "action",
        told->action, "causes", whole ? causes_json(e, outage) : NULL, "incidents",
        whole ? incidents_json(e, outage, now) : NULL, "faults", whole ? faults_json(outage) : NULL,
        "healthy", whole ? healthy_json(e, outage) : NULL);
}

json_t *engine_outages_json(const struct engine *engine, struct mono now, bool whole)
{
    json_t *outages = json_array();
    for (uint32_t i = 0; i < OUTAGES_MAX; i++) {
        const struct outage *outage = &engine->outages.outages.items[i];
        if (outage->number && outage->state != OUTAGE_OVER &&
            engine->outages.told[i].outage.number == outage->number)
            json_array_append_new(outages, outage_json(engine, i, now, whole));
    }
    return outages;
}
