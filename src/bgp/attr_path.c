// SPDX-License-Identifier: ISC
// AS_PATH and AS4_PATH as attributes: what makes one malformed, and what merely condemns its route.
#include "bgp/as_path.h"
#include "bgp/attr_rules.h"

#define WITHDRAW BGP_TREAT_AS_WITHDRAW

// clang-format off
static const struct attr_fault
    bad_type = {WITHDRAW, 0, false, "RFC 7606 §7.2", "AS path has a segment of unknown type"},
    empty = {WITHDRAW, 0, false, "RFC 7606 §7.2", "AS path has a segment of no AS"},
    overrun = {WITHDRAW, 0, false, "RFC 7606 §7.2", "AS path's last segment overruns it"},
    confederation = {WITHDRAW, 0, true, "RFC 5065 §5", "AS path has a confederation segment"},
    as_zero = {WITHDRAW, 0, true, "RFC 7607 §2", "AS path has AS 0"},
    set = {WITHDRAW, 0, true, "RFC 9774 §3", "AS path has a set"};
// clang-format on

static const struct attr_fault *judge_segment(struct as_segment segment, uint8_t as_size,
                                              const struct bgp_context *context)
{
    if (as_segment_is_confederation(segment.type) && context->peer == BGP_EXTERNAL)
        return &confederation;
    if (!context->as_sets && (segment.type == AS_SET || segment.type == AS_CONFED_SET))
        return &set;
    while (cursor_left(&segment.numbers) > 0)
        if (as_number_next(&segment.numbers, as_size) == 0)
            return &as_zero;
    return NULL;
}

// Of several faults one that makes the path unreadable comes before one that only condemns it.
static const struct attr_fault *judge_path(struct cursor *path, uint8_t as_size,
                                           const struct bgp_context *context)
{
    const struct attr_fault *fault = NULL;
    size_t fault_pos = 0;
    while (cursor_left(path) > 0) {
        size_t begun = path->pos;
        struct as_segment segment;
        bool whole = as_segment_next(path, as_size, &segment);
        const struct attr_fault *broken = segment.type < AS_SET || segment.type > AS_CONFED_SET
                                              ? &bad_type
                                          : !whole             ? &overrun
                                          : segment.count == 0 ? &empty
                                                               : NULL;
        if (broken) {
            path->pos = begun;
            return broken;
        }
        if (!fault) {
            fault = judge_segment(segment, as_size, context);
            fault_pos = begun;
        }
    }
    if (fault)
        path->pos = fault_pos;
    return fault;
}

static bool is_readable(const struct attr_fault *fault)
{
    return !fault || fault->readable;
}

const struct attr_fault *attr_as_path(struct cursor *value, struct attr_pass *pass)
{
    struct bgp_attributes *a = &pass->update->attributes;
    struct bgp_bytes path = {value->bytes + value->pos, cursor_left(value)};
    a->as_size = pass->context->as4 ? 4 : 2;
    const struct attr_fault *fault = judge_path(value, a->as_size, pass->context);
    if (is_readable(fault))
        a->as_path = path;
    return fault;
}

const struct attr_fault *attr_as4_path(struct cursor *value, struct attr_pass *pass)
{
    static const struct attr_fault superfluous = {BGP_ATTRIBUTE_DISCARD, 0, false, "RFC 6793 §4.1",
                                                  "AS4_PATH from a speaker of 4-octet AS numbers"};
    struct bgp_bytes path = {value->bytes + value->pos, cursor_left(value)};
    const struct attr_fault *fault = judge_path(value, 4, pass->context);
    if (!fault && pass->context->as4)
        return &superfluous;
    if (is_readable(fault))
        pass->update->attributes.as4_path = path;
    return fault;
}
