// SPDX-License-Identifier: ISC
// A file of rules for traps into rules.
#include "syslog/trap_inside.h"

#include "syslog/rule_file.h"

#include <stdio.h>
#include <stdlib.h>

struct reading {
    struct trap_rules *rules;
    const char *vendor;
    struct trap_rule *rule;  // the one that is open; NULL: none
    struct rule_place place;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct syslog_text trimmed(struct syslog_text text)
{
    while (text.size > 0 && is_blank(text.at[text.size - 1]))
        text.size--;
    while (text.size > 0 && is_blank(text.at[0]))
        text = (struct syslog_text){text.at + 1, text.size - 1};
    return text;
}

// The first word, which is taken from the text.
static struct syslog_text word_of(struct syslog_text *text)
{
    struct syslog_reader reader = {text->at, text->size, 0};
    struct syslog_text word = syslog_word(&reader);
    *text = trimmed(syslog_rest(&reader));
    return word;
}

// ---- numbers

static bool read_id(struct syslog_reader *reader, uint32_t *id)
{
    uint64_t sum = 0;
    size_t digits = 0;
    for (; syslog_is_digit(syslog_peek(reader, 0)) && sum <= UINT32_MAX; digits++, reader->pos++)
        sum = sum * 10 + (uint64_t)(syslog_peek(reader, 0) - '0');
    *id = (uint32_t)sum;
    return digits > 0 && sum <= UINT32_MAX;
}

bool trap_oid_read(struct syslog_text text, struct trap_oid *oid)
{
    struct syslog_reader reader = {text.at, text.size, 0};
    oid->count = 0;
    (void)syslog_skip(&reader, '.');
    do
        if (oid->count == TRAP_OID_MAX || !read_id(&reader, &oid->ids[oid->count++]))
            return false;
    while (syslog_skip(&reader, '.'));
    return syslog_left(&reader) == 0;
}

static bool read_prefix(struct reading *reading, struct syslog_text text,
                        struct trap_prefix *prefix)
{
    struct trap_oid oid;
    if (!trap_oid_read(text, &oid) || oid.count > TRAP_PREFIX_MAX || oid.count < 2)
        return rule_wrong(&reading->place, "2 to 32 numbers with dots between are wanted", text);
    prefix->count = oid.count;
    memcpy(prefix->ids, oid.ids, oid.count * sizeof oid.ids[0]);
    return true;
}

static bool read_number(struct syslog_text text, int64_t *number)
{
    struct syslog_reader reader = {text.at, text.size, 0};
    bool is_negative = syslog_skip(&reader, '-');
    uint32_t id;
    if (!read_id(&reader, &id) || syslog_left(&reader) > 0)
        return false;
    *number = is_negative ? -(int64_t)id : (int64_t)id;
    return true;
}

// ---- keys of a rule

static bool read_trap(struct reading *reading, struct syslog_text value)
{
    struct trap_rule *rule = reading->rule;
    if (rule->id_count == TRAP_IDS_MAX)
        return rule_wrong(&reading->place, "a rule is for four traps at most", value);
    rule->names[rule->id_count] = word_of(&value);
    return read_prefix(reading, value, &rule->ids[rule->id_count++]);
}

static bool read_only(struct reading *reading, struct syslog_text value)
{
    struct trap_rule *rule = reading->rule;
    struct syslog_text name = word_of(&value);
    if (rule->has_only)
        return rule_wrong(&reading->place, "a rule has one condition", value);
    rule->has_only = true;
    return read_prefix(reading, name, &rule->only) &&
           (read_number(value, &rule->only_number) ||
            rule_wrong(&reading->place, "a number is wanted behind the name", value));
}

static bool read_example(struct reading *reading, struct syslog_text value)
{
    struct trap_rule *rule = reading->rule;
    if (rule->example_count == TRAP_EXAMPLES_MAX)
        return rule_wrong(&reading->place, "a rule has four examples at most", value);
    rule->example_lines[rule->example_count] = reading->place.line;
    rule->examples[rule->example_count++] = value;
    return true;
}

static bool read_field(struct reading *reading, enum syslog_field field, struct syslog_text value)
{
    static const char *const names[TRAP_FROMS] = {"value", "address", "index", "inet", "text"};
    struct trap_rule *rule = reading->rule;
    struct syslog_text all = value, name = word_of(&value);
    enum trap_from from = 0;
    while (from < TRAP_FROMS && !syslog_text_is(name, names[from]))
        from++;
    if (from == TRAP_FROMS || value.size == 0)
        return rule_wrong(&reading->place,
                          "value, address, index, inet or text is wanted, and of what", all);
    if (rule->source_count == TRAP_SOURCES_MAX)
        return rule_wrong(&reading->place, "a rule takes eight things at most", all);
    struct trap_source *source = &rule->sources[rule->source_count++];
    *source = (struct trap_source){.field = field, .from = from, .words = value};
    return from == TRAP_TEXT || read_prefix(reading, value, &source->prefix);
}

static bool read_key(struct reading *reading, struct syslog_text line)
{
    static const struct {
        const char *name;
        bool (*read)(struct reading *reading, struct syslog_text value);
    } keys[] = {{"trap", read_trap}, {"only", read_only}, {"line", read_example}};
    const char *sign = memchr(line.at, '=', line.size);
    if (!sign || !reading->rule)
        return rule_wrong(&reading->place,
                          sign ? "a [fact] is wanted before" : "a key = value is wanted", line);
    struct syslog_text name = trimmed((struct syslog_text){line.at, (size_t)(sign - line.at)});
    struct syslog_text value =
        trimmed((struct syslog_text){sign + 1, line.size - (size_t)(sign - line.at) - 1});
    if (value.size == 0)
        return rule_wrong(&reading->place, "a value is wanted behind", line);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (syslog_text_is(name, keys[i].name))
            return keys[i].read(reading, value);
    for (enum syslog_field field = 0; field < SYSLOG_FIELDS; field++)
        if (syslog_text_is(name, syslog_field_names[field]))
            return read_field(reading, field, value);
    return rule_wrong(&reading->place,
                      "no key has this name; there are trap, only, line, peer, as, vrf, interface, "
                      "process, pid, signal, user, change, class, color and reason",
                      name);
}

// ---- rules

static bool close_rule(struct reading *reading)
{
    const struct trap_rule *rule = reading->rule;
    if (!rule || (rule->id_count > 0 && rule->source_count > 0 && rule->example_count > 0))
        return true;
    const char *name = syslog_fact_names[rule->rule.fact];
    reading->place.line = rule->rule.line;
    return rule_wrong(&reading->place, "a trap, a field and a line, its example, are wanted in",
                      (struct syslog_text){name, strlen(name)});
}

static bool open_rule(struct reading *reading, struct syslog_text line)
{
    struct trap_rules *rules = reading->rules;
    if (!close_rule(reading))
        return false;
    struct syslog_text name = {line.at + 1, line.size > 2 ? line.size - 2 : 0};
    enum syslog_fact fact = SYSLOG_FACT_NONE + 1;
    while (fact < SYSLOG_FACTS && !syslog_text_is(name, syslog_fact_names[fact]))
        fact++;
    if (line.at[line.size - 1] != ']' || fact == SYSLOG_FACTS)
        return rule_wrong(&reading->place, "a fact such as [bgp_down] is wanted", line);
    if (!rules->rules)
        rules->rules = calloc(TRAP_RULES_MAX, sizeof *rules->rules);
    if (!rules->rules || rules->count == TRAP_RULES_MAX)
        return rule_wrong(&reading->place, "no room: there may be 512 rules", line);
    reading->rule = &rules->rules[rules->count++];
    *reading->rule = (struct trap_rule){.rule = {fact, reading->vendor, reading->place.line}};
    return true;
}

static bool read_line(void *of, struct syslog_text line)
{
    struct reading *reading = of;
    line = trimmed(line);
    if (line.size == 0 || line.at[0] == '#')
        return true;
    return line.at[0] == '[' ? open_rule(reading, line) : read_key(reading, line);
}

static bool examples_hold(struct reading *reading, uint32_t first)
{
    struct trap *trap = malloc(sizeof *trap);
    struct trap_match *match = malloc(sizeof *match);
    const struct trap_rules *rules = reading->rules;
    bool good = trap && match;
    for (uint32_t i = first; good && i < rules->count; i++) {
        const struct trap_rule *rule = &rules->rules[i];
        for (uint32_t n = 0; good && n < rule->example_count; n++) {
            char room[TRAP_LINE_OCTETS_MAX];
            reading->place.line = rule->example_lines[n];
            if (!trap_line_read(rule->examples[n], trap, room))
                good =
                    rule_wrong(&reading->place, "OID [OID TYPE VALUE]... is wanted, as of snmptrap",
                               rule->examples[n]);
            else if (!trap_rules_match(rules, trap, match) || match->match.rule != &rule->rule)
                good = rule_wrong(&reading->place, "the example does not give its rule",
                                  rule->examples[n]);
        }
    }
    free(trap);
    free(match);
    return good;
}

bool trap_rules_add(struct trap_rules *rules, const char *vendor, struct syslog_text text,
                    struct syslog_pattern_error *error)
{
    struct reading reading = {.rules = rules, .place = {.error = error}};
    uint32_t before = rules->count;
    *error = (struct syslog_pattern_error){0, "no memory, or more than 64 files"};
    if (rules->file_count == TRAP_FILES_MAX)
        return false;
    struct syslog_text copy = rule_file_copy(&rules->files[rules->file_count], vendor, text);
    if (!copy.at)
        return false;
    reading.vendor = rules->files[rules->file_count++];
    if (rule_lines(&reading.place, copy, read_line, &reading) && close_rule(&reading) &&
        examples_hold(&reading, before))
        return true;
    rules->count = before;
    free(rules->files[--rules->file_count]);
    return false;
}

// ---- an example, as snmptrap takes it

// A word, or what stands between quotes, which no quote is inside.
static struct syslog_text value_of(struct syslog_text *text)
{
    if (text->size == 0 || text->at[0] != '"')
        return word_of(text);
    const char *end = memchr(text->at + 1, '"', text->size - 1);
    struct syslog_text value = {text->at + 1, end ? (size_t)(end - text->at) - 1 : text->size - 1};
    size_t used = value.size + 1 + (end != NULL);
    *text = trimmed((struct syslog_text){text->at + used, text->size - used});
    return value;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? memchr(digits, c | ' ', sizeof digits - 1) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool read_octets(struct syslog_text text, char *room, size_t *used, struct syslog_text *got)
{
    *got = (struct syslog_text){room + *used, text.size / 2};
    if (text.size % 2 != 0 || *used + got->size > TRAP_LINE_OCTETS_MAX)
        return false;
    for (size_t i = 0; i < got->size; i++) {
        int high = digit_of(text.at[2 * i]), low = digit_of(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        room[(*used)++] = (char)(high << 4 | low);
    }
    return true;
}

static bool read_variable(struct trap_variable *v, struct syslog_text *line, char *room,
                          size_t *used)
{
    struct syslog_text name = word_of(line), type = word_of(line), value = value_of(line);
    *v = (struct trap_variable){.kind = TRAP_OCTETS, .octets = value};
    if (!trap_oid_read(name, &v->name) || type.size != 1)
        return false;
    switch (type.at[0]) {
    case 'i':
    case 'u':
    case 't':
        v->kind = TRAP_NUMBER;
        return read_number(value, &v->number);
    case 'x':
        return read_octets(value, room, used, &v->octets);
    case 'o':
        v->kind = TRAP_OTHER;
        return true;
    default:
        return type.at[0] == 's';
    }
}

bool trap_line_read(struct syslog_text line, struct trap *trap, char *room)
{
    size_t used = 0;
    line = trimmed(line);
    trap->count = 0;
    if (!trap_oid_read(word_of(&line), &trap->id))
        return false;
    while (line.size > 0)
        if (trap->count == TRAP_VARIABLES_MAX ||
            !read_variable(&trap->variables[trap->count++], &line, room, &used))
            return false;
    return true;
}
