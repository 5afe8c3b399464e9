// SPDX-License-Identifier: ISC
#include "syslog/pattern_inside.h"

#include <stdio.h>
#include <stdlib.h>

const char *const syslog_fact_names[SYSLOG_FACTS] = {
    [SYSLOG_FACT_NONE] = "none",
    [SYSLOG_PROCESS_CRASHED] = "process_crashed",
    [SYSLOG_PROCESS_RESTARTED] = "process_restarted",
    [SYSLOG_PROCESS_GAVE_UP] = "process_gave_up",
    [SYSLOG_ALARM_SET] = "alarm_set",
    [SYSLOG_ALARM_CLEARED] = "alarm_cleared",
    [SYSLOG_BFD_DOWN] = "bfd_down",
    [SYSLOG_BFD_UP] = "bfd_up",
    [SYSLOG_BGP_DOWN] = "bgp_down",
    [SYSLOG_BGP_UP] = "bgp_up",
    [SYSLOG_BGP_PREFIX_LIMIT] = "bgp_prefix_limit",
    [SYSLOG_BGP_KEY_WRONG] = "bgp_key_wrong",
    [SYSLOG_IGP_DOWN] = "igp_down",
    [SYSLOG_IGP_UP] = "igp_up",
    [SYSLOG_LACP_DOWN] = "lacp_down",
    [SYSLOG_LACP_UP] = "lacp_up",
    [SYSLOG_INTERFACE_DOWN] = "interface_down",
    [SYSLOG_INTERFACE_UP] = "interface_up",
    [SYSLOG_CONFIG_COMMITTED] = "config_committed",
    [SYSLOG_CONFIG_ROLLED_BACK] = "config_rolled_back",
    [SYSLOG_MAINTENANCE_BEGAN] = "maintenance_began",
    [SYSLOG_MAINTENANCE_ENDED] = "maintenance_ended",
};

const char *const syslog_field_names[SYSLOG_FIELDS] = {
    "peer",   "as",   "vrf",    "interface", "process", "pid",
    "signal", "user", "change", "class",     "color",   "reason",
};

struct syslog_patterns *syslog_patterns_new(void)
{
    return calloc(1, sizeof(struct syslog_patterns));
}

void syslog_patterns_free(struct syslog_patterns *patterns)
{
    for (uint32_t i = 0; patterns && i < patterns->file_count; i++)
        free(patterns->files[i]);
    if (patterns)
        free(patterns->rules);
    free(patterns);
}

uint32_t syslog_patterns_count(const struct syslog_patterns *patterns)
{
    return patterns->count;
}

static uint32_t head_of(struct syslog_text key)
{
    uint32_t hash = 2166136261u;  // FNV-1a
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ (uint8_t)key.at[i]) * 16777619u;
    return (hash ^ hash >> 15) % SYSLOG_HEADS;
}

// From the last to the first, so that each comes before those behind it.
void syslog_patterns_index(struct syslog_patterns *patterns)
{
    memset(patterns->heads, 0, sizeof patterns->heads);
    patterns->any_head = 0;
    for (uint32_t place = patterns->count; place > 0; place--) {
        struct syslog_compiled *rule = &patterns->rules[place - 1];
        struct syslog_text key = rule->id.size ? rule->id : rule->app;
        uint32_t *head = key.size > 0 ? &patterns->heads[head_of(key)] : &patterns->any_head;
        rule->next = *head;
        *head = place;
    }
}

// Where the letters come next; NULL: nowhere.
static const char *find(struct syslog_text in, struct syslog_text letters)
{
    return letters.size == 0 ? in.at : memmem(in.at, in.size, letters.at, letters.size);
}

// What the part takes: up to the next part's letters, or all that is left.
static bool take(const struct syslog_part *part, const struct syslog_part *next,
                 struct syslog_text *left, struct syslog_text *taken)
{
    const char *end = left->at + left->size;
    if (next && !next->takes) {  // the last letters are at the end
        if (left->size < next->letters.size)
            return false;
        end -= next->letters.size;
    } else if (next) {
        end = find(*left, next->letters);
    }
    if (!end)
        return false;
    *taken = (struct syslog_text){left->at, (size_t)(end - left->at)};
    left->size -= taken->size;
    left->at = end;
    return part->takes_blanks || (taken->size > 0 && !memchr(taken->at, ' ', taken->size));
}

bool syslog_rule_matches(const struct syslog_compiled *rule, const struct syslog_message *message,
                         struct syslog_match *match)
{
    struct syslog_text left = message->text;
    if ((rule->id.size > 0 && !syslog_text_equal(rule->id, message->id)) ||
        (rule->app.size > 0 && !syslog_text_equal(rule->app, message->app)))
        return false;
    memset(match->fields, 0, sizeof match->fields);
    match->rule = &rule->rule;
    for (uint32_t i = 0; i < rule->part_count; i++) {
        const struct syslog_part *part = &rule->parts[i];
        struct syslog_text letters = part->letters, taken;
        if (left.size < letters.size || memcmp(left.at, letters.at, letters.size) != 0)
            return false;
        left = (struct syslog_text){left.at + letters.size, left.size - letters.size};
        if (!part->takes)
            break;
        if (!take(part, i + 1 < rule->part_count ? part + 1 : NULL, &left, &taken))
            return false;
        if (part->field != SYSLOG_FORGET)
            match->fields[part->field] = taken;
    }
    return left.size == 0;
}

static bool search(const struct syslog_patterns *patterns, uint32_t place,
                   const struct syslog_message *message, struct syslog_match *match)
{
    for (; place > 0; place = patterns->rules[place - 1].next)
        if (syslog_rule_matches(&patterns->rules[place - 1], message, match))
            return true;
    return false;
}

bool syslog_patterns_match(const struct syslog_patterns *patterns,
                           const struct syslog_message *message, struct syslog_match *match)
{
    return (message->id.size > 0 &&
            search(patterns, patterns->heads[head_of(message->id)], message, match)) ||
           (message->app.size > 0 &&
            search(patterns, patterns->heads[head_of(message->app)], message, match)) ||
           search(patterns, patterns->any_head, message, match);
}

// Letters of it that have a place in an error.
static int shown(struct syslog_text text)
{
    return text.size < 40 ? (int)text.size : 40;
}

bool syslog_examples_hold(const struct syslog_patterns *patterns, uint32_t first,
                          struct syslog_pattern_error *error)
{
    for (uint32_t i = first; i < patterns->count; i++) {
        const struct syslog_compiled *rule = &patterns->rules[i];
        for (uint32_t n = 0; n < rule->example_count; n++) {
            struct syslog_message message;
            struct syslog_match match;
            syslog_message_read(rule->examples[n].at, rule->examples[n].size, &message);
            if (syslog_patterns_match(patterns, &message, &match) && match.rule == &rule->rule)
                continue;
            error->line = rule->example_lines[n];
            snprintf(error->what, sizeof error->what,
                     "the example does not give its rule: its app is '%.*s', its id '%.*s', its "
                     "text '%.*s'",
                     shown(message.app), message.app.at, shown(message.id), message.id.at,
                     shown(message.text), message.text.at);
            return false;
        }
    }
    return true;
}
