// SPDX-License-Identifier: ISC
#include "lab/names.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const names_keys[] = {
    "family", "router",       "upstream", "target",     "group",    "member",    "link",    "hop",
    "bucket", "bucket_count", "dscp",     "size_bytes", "protocol", "direction", "symptom", NULL};

// What an effect says of an attribute, as text; empty: nothing.
static const char *said_of(const json_t *fault, const char *key, char *number, size_t size)
{
    const json_t *value = json_object_get(fault, key);
    const char *text = json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(number, size, "%lld", (long long)json_integer_value(value));
        return number;
    }
    return !text || strcmp(text, "none") == 0 || strcmp(text, "either") == 0 ? "" : text;
}

// `any`: whatever, also nothing; `said`: something; `-`: nothing; else this very text.
static bool is_so(const char *wanted, const char *said)
{
    if (strcmp(wanted, "any") == 0)
        return true;
    if (strcmp(wanted, "said") == 0)
        return said[0] != '\0';
    return strcmp(strcmp(wanted, "-") == 0 ? "" : wanted, said) == 0;
}

static bool attribute_matches(const struct tree_node *wanted, const char *key, const char *said)
{
    // How many buckets there are goes with which it is; what is wrong with the part is not it.
    if (!wanted)
        return !said[0] || strcmp(key, "bucket_count") == 0 || strcmp(key, "symptom") == 0;
    if (wanted->kind == TREE_TEXT)
        return is_so(wanted->text, said);
    for (const struct tree_node *one = wanted->first; one; one = one->next)
        if (one->text && is_so(one->text, said))
            return true;
    return false;
}

static bool name_matches(const struct tree_node *name, const json_t *fault)
{
    char number[32];
    for (size_t i = 0; names_keys[i]; i++)
        if (!attribute_matches(tree_find(name, names_keys[i]), names_keys[i],
                               said_of(fault, names_keys[i], number, sizeof number)))
            return false;
    return true;
}

static json_t *json_of(const struct guard *guard, const struct effect *effect)
{
    char line[MESSAGE_MAX];
    size_t size = message_from_effect(&guard->net, effect, line, sizeof line);
    return size ? json_loadb(line, size, 0, NULL) : NULL;
}

static bool effect_matches(const struct guard *guard, const struct effect *effect,
                           const struct tree_node *name)
{
    json_t *fault = json_of(guard, effect);
    bool matches = name_matches(name, fault);
    json_decref(fault);
    return matches;
}

static bool is_named(const struct effect *effect)
{
    return effect->kind == EFFECT_FAULT && effect->fault.state == FAULT_NAMED;
}

static double ms_since(int64_t from_ns, int64_t heard_ns)
{
    return (double)(heard_ns - from_ns) / NS_PER_MS;
}

// Until it was named of packets of this family, from its first faulty packet on.
static double family_ms(const struct guard *guard, int64_t since, const struct tree_node *name,
                        enum family family)
{
    for (size_t i = 0; i < guard->effect_count; i++) {
        const struct guard_effect *seen = &guard->effects[i];
        enum family said = seen->effect.fault.part.family;
        if (is_named(&seen->effect) && seen->heard_ns >= since &&
            (said == FAMILY_NONE || said == family) && effect_matches(guard, &seen->effect, name))
            return ms_since(since, seen->heard_ns);
    }
    return NAN;
}

// A name of one family is that family's; any other must be said of each that has faulty packets,
// be it by one fault or by two.
static bool is_of(const struct tree_node *name, enum family family)
{
    const struct tree_node *only = tree_find(name, "family");
    bool says_which = only && only->text &&
                      (strcmp(only->text, family_name(FAMILY_IPV4)) == 0 ||
                       strcmp(only->text, family_name(FAMILY_IPV6)) == 0);
    return !says_which || strcmp(only->text, family_name(family)) == 0;
}

static double name_ms(const struct guard *guard, const struct names_window *window,
                      const struct tree_node *name)
{
    double latest = NAN;
    for (enum family f = FAMILY_IPV4; f < FAMILIES; f++) {
        if (!window->first_faulty_ns[f] || !is_of(name, f))
            continue;
        double ms = family_ms(guard, window->first_faulty_ns[f], name, f);
        if (isnan(ms))
            return NAN;
        latest = isnan(latest) || ms > latest ? ms : latest;
    }
    return latest;
}

static double told_ms(const struct guard *guard, int64_t since, enum family family)
{
    for (size_t i = 0; since && i < guard->effect_count; i++) {
        const struct guard_effect *seen = &guard->effects[i];
        enum family said = seen->effect.fault.part.family;
        if (seen->effect.kind == EFFECT_FAULT && seen->effect.fault.state != FAULT_OVER &&
            seen->heard_ns >= since &&
            (family == FAMILY_NONE || said == FAMILY_NONE || said == family))
            return ms_since(since, seen->heard_ns);
    }
    return NAN;
}

// Before the fault every name is wrong. A fault that is named again and again counts once.
static bool is_wrong(const struct guard *guard, size_t index, const struct scenario_expect *expect,
                     const struct names_window *window)
{
    const struct guard_effect *seen = &guard->effects[index];
    if (!is_named(&seen->effect))
        return false;
    const struct tree_node *name = expect->names ? expect->names->first : NULL;
    for (; name && seen->heard_ns >= window->fault_ns; name = name->next)
        if (effect_matches(guard, &seen->effect, name))
            return false;
    return true;
}

static bool was_wrong(const struct guard *guard, size_t index, const struct scenario_expect *expect,
                      const struct names_window *window)
{
    for (size_t i = 0; i < index; i++)
        if (guard->effects[i].effect.kind == EFFECT_FAULT &&
            guard->effects[i].effect.fault.number == guard->effects[index].effect.fault.number &&
            is_wrong(guard, i, expect, window))
            return true;
    return false;
}

struct names_result names_judge(const struct guard *guard, const struct scenario_expect *expect,
                                const struct names_window *window)
{
    struct names_result result = {.name_ms = expect->names ? 0 : NAN};
    const struct tree_node *name = expect->names ? expect->names->first : NULL;
    for (; name && !isnan(result.name_ms); name = name->next) {
        double ms = name_ms(guard, window, name);
        result.name_ms = isnan(ms) || ms > result.name_ms ? ms : result.name_ms;
    }
    for (enum family f = FAMILY_NONE; f < FAMILIES; f++)
        result.told_ms[f] = told_ms(guard, window->first_faulty_ns[f], f);
    for (size_t i = 0; i < guard->effect_count; i++) {
        if (!is_wrong(guard, i, expect, window) || was_wrong(guard, i, expect, window))
            continue;
        if (result.wrong_names++ == 0)
            snprintf(result.wrong_words, sizeof result.wrong_words, "%s",
                     guard->effects[i].effect.fault.words);
    }
    return result;
}
