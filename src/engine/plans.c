// SPDX-License-Identifier: ISC
// What is under way and what would be, for people: drains, and the plans of open incidents.
#include "engine/state.h"

static json_t *drain_json(const struct engine *e, const struct drain *drain, struct mono now)
{
    char object[NET_OBJECT_TEXT_MAX];
    bool ends = drain->until.ns > 0, is_router = drain->object.kind == NET_OBJECT_ROUTER;
    return json_pack(
        "{s:I, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:I, s:o, s:o, s:b}", "number",
        (json_int_t)drain->number, "object", net_object_format(e->net, drain->object, object),
        "state", drain_state_names[drain->state], "who", drain->who, "uid", (json_int_t)drain->uid,
        "reason", drain->reason, "text", drain->text, "id", drain->id, "since_ns",
        (json_int_t)mono_since_ns(now, drain->entered_at), "left_ns",
        ends ? json_integer(mono_since_ns(drain->until, now)) : json_null(), "begins_ns",
        drain->state == DRAIN_PLANNED ? json_integer(mono_since_ns(drain->from, now)) : json_null(),
        "inside_unknown", (int)is_router);
}

json_t *engine_drains_json(const struct engine *engine, struct mono now)
{
    json_t *drains = json_array();
    for (uint32_t i = 0; i < DRAINS_MAX; i++)
        if (engine->drains.items[i].state != DRAIN_NONE)
            json_array_append_new(drains, drain_json(engine, &engine->drains.items[i], now));
    return drains;
}

static json_t *plan_json(const struct engine *e, uint32_t path)
{
    const struct story *story = &e->stories[path];
    const struct effect_plan *plan = &story->last_plan;
    char name[NET_NAME_MAX + 8];
    bool somewhere = plan->to < e->net->upstream_count;
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:s}", "incident",
                     (json_int_t)story->number, "path", net_path_name(e->net, path, name), "state",
                     incident_state_names[story->state], "verdict",
                     fields_plan_verdicts[plan->verdict], "from",
                     e->net->upstreams[e->paths[path].upstream].name, "to",
                     somewhere ? json_string(e->net->upstreams[plan->to].name) : json_null(),
                     "approval", (json_int_t)story->approval, "prefixes",
                     (json_int_t)plan->prefixes, "loss_from_ppm", (json_int_t)plan->loss_from_ppm,
                     "loss_to_ppm", (json_int_t)plan->loss_to_ppm, "reason", plan->reason);
}

json_t *engine_plans_json(const struct engine *engine)
{
    json_t *plans = json_array();
    for (uint32_t path = 0; path < engine->path_count; path++)
        if (engine->stories[path].state >= INCIDENT_CONFIRMED)
            json_array_append_new(plans, plan_json(engine, path));
    return plans;
}
