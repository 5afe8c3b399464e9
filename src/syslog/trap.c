// SPDX-License-Identifier: ISC
#include "syslog/trap_inside.h"

#include "base/prefix.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct trap_rules *trap_rules_new(void)
{
    return calloc(1, sizeof(struct trap_rules));
}

void trap_rules_free(struct trap_rules *rules)
{
    for (uint32_t i = 0; rules && i < rules->file_count; i++)
        free(rules->files[i]);
    if (rules)
        free(rules->rules);
    free(rules);
}

uint32_t trap_rules_count(const struct trap_rules *rules)
{
    return rules->count;
}

// ---- names

static bool begins(const struct trap_oid *oid, const struct trap_prefix *prefix)
{
    return oid->count >= prefix->count &&
           memcmp(oid->ids, prefix->ids, prefix->count * sizeof prefix->ids[0]) == 0;
}

static const struct trap_variable *find(const struct trap *trap, const struct trap_prefix *prefix)
{
    for (uint32_t i = 0; i < trap->count; i++)
        if (begins(&trap->variables[i].name, prefix))
            return &trap->variables[i];
    return NULL;
}

// ---- text in the match's room

static void put(struct trap_match *m, const char *form, ...) __attribute__((format(printf, 2, 3)));

// What has no room any more is cut.
static void put(struct trap_match *m, const char *form, ...)
{
    size_t left = sizeof m->room - m->used;
    va_list arguments;
    va_start(arguments, form);
    int size = vsnprintf(m->room + m->used, left, form, arguments);
    va_end(arguments);
    if (size > 0)
        m->used += (size_t)size < left ? (size_t)size : left - 1;
}

static void put_bytes(struct trap_match *m, struct syslog_text bytes)
{
    size_t left = sizeof m->room - m->used;
    size_t size = bytes.size < left ? bytes.size : left;
    if (size > 0)
        memcpy(m->room + m->used, bytes.at, size);
    m->used += size;
}

static void put_ids(struct trap_match *m, const uint32_t *ids, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        put(m, "%s%" PRIu32, i > 0 ? "." : "", ids[i]);
}

// Agents end texts with zeros and blanks.
static struct syslog_text trimmed(struct syslog_text text)
{
    while (text.size > 0 && (text.at[text.size - 1] == '\0' || text.at[text.size - 1] == ' '))
        text.size--;
    return text;
}

static bool put_value(struct trap_match *m, const struct trap_variable *v)
{
    struct syslog_text octets = trimmed(v->octets);
    if (v->kind == TRAP_NUMBER)
        put(m, "%" PRId64, v->number);
    else if (v->kind == TRAP_OCTETS)
        put_bytes(m, octets);
    return v->kind == TRAP_NUMBER || (v->kind == TRAP_OCTETS && octets.size > 0);
}

static bool put_address(struct trap_match *m, const uint8_t *bytes, size_t size)
{
    struct address address = {.family = size == 4 ? FAMILY_IPV4 : FAMILY_IPV6};
    char text[ADDRESS_TEXT_MAX];
    if (size != 4 && size != 16)
        return false;
    memcpy(address.bytes, bytes, size);
    put(m, "%s", address_format(address, text));
    return true;
}

// The address that an index ends with: alone (RFC 4273), or behind its type and, as a rule, the
// count of its octets (RFC 4001 §4.1; Junos leaves it out). Of several it is the last.
static bool put_inet(struct trap_match *m, const uint32_t *ids, uint32_t count)
{
    static const struct {
        uint32_t type, size;
    } forms[] = {{2, 16}, {1, 4}};
    uint8_t bytes[16];
    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        uint32_t size = forms[f].size;
        if (count < size)
            continue;
        const uint32_t *from = ids + count - size;
        uint32_t before = count - size;
        bool is_typed = (before >= 1 && from[-1] == forms[f].type) ||
                        (before >= 2 && from[-1] == size && from[-2] == forms[f].type);
        bool good = is_typed || (before == 0 && size == 4);
        for (uint32_t i = 0; good && i < size; i++) {
            good = from[i] <= UINT8_MAX;
            bytes[i] = (uint8_t)from[i];
        }
        if (good)
            return put_address(m, bytes, size);
    }
    return false;
}

// ---- one rule

static bool take(struct trap_match *m, const struct trap *trap, const struct trap_source *source)
{
    if (source->from == TRAP_TEXT) {
        put_bytes(m, source->words);
        return true;
    }
    const struct trap_variable *v = find(trap, &source->prefix);
    if (!v)
        return false;
    const uint32_t *index = v->name.ids + source->prefix.count;
    uint32_t count = v->name.count - source->prefix.count;
    switch (source->from) {
    case TRAP_VALUE:
        return put_value(m, v);
    case TRAP_ADDRESS:
        return v->kind == TRAP_OCTETS &&
               put_address(m, (const uint8_t *)v->octets.at, v->octets.size);
    case TRAP_INDEX:
        put_ids(m, index, count);
        return count > 0;
    case TRAP_INET:
        return put_inet(m, index, count);
    case TRAP_TEXT:
    case TRAP_FROMS:
        break;
    }
    return false;
}

static bool take_fields(struct trap_match *m, const struct trap *trap, const struct trap_rule *rule)
{
    bool wanted[SYSLOG_FIELDS] = {false}, all = true;
    for (uint32_t i = 0; i < rule->source_count; i++) {
        const struct trap_source *source = &rule->sources[i];
        struct syslog_text *field = &m->match.fields[source->field];
        size_t from = m->used;
        wanted[source->field] = true;
        if (field->size > 0)
            continue;
        if (take(m, trap, source))
            *field = (struct syslog_text){m->room + from, m->used - from};
        else
            m->used = from;
    }
    for (enum syslog_field field = 0; field < SYSLOG_FIELDS; field++)
        all &= !wanted[field] || m->match.fields[field].size > 0;
    return all;
}

static void begin(struct trap_match *m)
{
    m->used = 0;
    m->match = (struct syslog_match){0};
    m->message = (struct syslog_message){
        .facility = SYSLOG_UNKNOWN, .severity = SYSLOG_UNKNOWN, .app = {"trap", 4}};
}

static void say(struct trap_match *m, struct syslog_text name)
{
    size_t from = m->used;
    put_bytes(m, name);
    for (enum syslog_field field = 0; field < SYSLOG_FIELDS; field++)
        if (m->match.fields[field].size > 0) {
            put(m, "%s%s ", m->used == from + name.size ? ": " : ", ", syslog_field_names[field]);
            put_bytes(m, m->match.fields[field]);
        }
    m->message.id = name;
    m->message.text = (struct syslog_text){m->room + from, m->used - from};
}

static bool fits(struct trap_match *m, const struct trap *trap, const struct trap_rule *rule)
{
    uint32_t which = 0;
    while (which < rule->id_count &&
           !(begins(&trap->id, &rule->ids[which]) && trap->id.count == rule->ids[which].count))
        which++;
    if (which == rule->id_count)
        return false;
    const struct trap_variable *only = rule->has_only ? find(trap, &rule->only) : NULL;
    if (rule->has_only && (!only || only->kind != TRAP_NUMBER || only->number != rule->only_number))
        return false;
    begin(m);
    m->match.rule = &rule->rule;
    if (!take_fields(m, trap, rule))
        return false;
    say(m, rule->names[which]);
    return true;
}

// All that it holds, as it is.
static void show(struct trap_match *m, const struct trap *trap)
{
    begin(m);
    put_ids(m, trap->id.ids, trap->id.count);
    m->message.id = (struct syslog_text){m->room, m->used};
    size_t from = m->used;
    for (uint32_t i = 0; i < trap->count; i++) {
        put(m, "%s", i > 0 ? " " : "");
        put_ids(m, trap->variables[i].name.ids, trap->variables[i].name.count);
        put(m, "=");
        put_value(m, &trap->variables[i]);
    }
    m->message.text = (struct syslog_text){m->room + from, m->used - from};
}

bool trap_rules_match(const struct trap_rules *rules, const struct trap *trap,
                      struct trap_match *match)
{
    for (uint32_t i = 0; i < rules->count; i++)
        if (fits(match, trap, &rules->rules[i]))
            return true;
    show(match, trap);
    return false;
}
