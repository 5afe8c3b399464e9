// SPDX-License-Identifier: ISC
// A file of patterns into rules.
#include "syslog/pattern_inside.h"

#include "syslog/rule_file.h"

#include <stdio.h>
#include <stdlib.h>

struct reading {
    struct syslog_patterns *patterns;
    const char *vendor;
    struct syslog_compiled *rule;  // the one that is open; NULL: none
    struct rule_place place;
};

static struct syslog_text trimmed(struct syslog_text text)
{
    while (text.size > 0 && (text.at[text.size - 1] == ' ' || text.at[text.size - 1] == '\r'))
        text.size--;
    while (text.size > 0 && text.at[0] == ' ')
        text = (struct syslog_text){text.at + 1, text.size - 1};
    return text;
}

// The place of the name among `count`; `count`: it is none of them.
static uint32_t place_of(const char *const *names, uint32_t count, struct syslog_text name)
{
    uint32_t place = 0;
    while (place < count && !syslog_text_is(name, names[place]))
        place++;
    return place;
}

static bool read_piece(struct reading *reading, struct syslog_text name, struct syslog_part *part)
{
    part->takes = true;
    part->takes_blanks = name.size > 0 && name.at[name.size - 1] == '*';
    name.size -= part->takes_blanks;
    part->field =
        name.size == 0 ? SYSLOG_FORGET : (uint8_t)place_of(syslog_field_names, SYSLOG_FIELDS, name);
    if (name.size > 0 && part->field == SYSLOG_FIELDS)
        return rule_wrong(&reading->place,
                          "no field has this name; there are peer, as, vrf, interface, process, "
                          "pid, signal, user, change, class, color and reason",
                          name);
    return true;
}

static bool read_template(struct reading *reading, struct syslog_text text)
{
    struct syslog_compiled *rule = reading->rule;
    rule->part_count = 0;
    for (bool takes = true; takes;) {
        const char *open = text.size ? memchr(text.at, '{', text.size) : NULL;
        struct syslog_part part = {
            .letters = {text.at, open ? (size_t)(open - text.at) : text.size}};
        if (rule->part_count == SYSLOG_RULE_PARTS_MAX)
            return rule_wrong(&reading->place, "more than 24 pieces", text);
        if (open && rule->part_count > 0 && part.letters.size == 0)
            return rule_wrong(&reading->place, "letters are wanted between two pieces", text);
        text = (struct syslog_text){text.at + part.letters.size, text.size - part.letters.size};
        const char *close = open ? memchr(text.at, '}', text.size) : NULL;
        if (open && !close)
            return rule_wrong(&reading->place, "a } is wanted behind", text);
        takes = open && (!open || close);
        if (takes) {
            struct syslog_text name = {text.at + 1, (size_t)(close - text.at) - 1};
            if (!read_piece(reading, name, &part))
                return false;
            text = (struct syslog_text){close + 1, text.size - name.size - 2};
        }
        if (takes || part.letters.size > 0)
            rule->parts[rule->part_count++] = part;
    }
    return true;
}

static bool read_example(struct reading *reading, struct syslog_text text)
{
    struct syslog_compiled *rule = reading->rule;
    if (rule->example_count == SYSLOG_EXAMPLES_MAX)
        return rule_wrong(&reading->place, "a rule has four examples at most", text);
    rule->example_lines[rule->example_count] = reading->place.line;
    rule->examples[rule->example_count++] = text;
    return true;
}

static bool read_id(struct reading *reading, struct syslog_text text)
{
    reading->rule->id = text;
    return true;
}

static bool read_app(struct reading *reading, struct syslog_text text)
{
    reading->rule->app = text;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(struct reading *reading, struct syslog_text value);
} keys[] = {{"id", read_id}, {"app", read_app}, {"text", read_template}, {"line", read_example}};

static bool read_key(struct reading *reading, struct syslog_text line)
{
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
    return rule_wrong(&reading->place, "no key has this name; there are id, app, text and line",
                      name);
}

static bool close_rule(struct reading *reading)
{
    const struct syslog_compiled *rule = reading->rule;
    if (!rule || (rule->part_count > 0 && rule->example_count > 0))
        return true;
    const char *name = syslog_fact_names[rule->rule.fact];
    reading->place.line = rule->rule.line;
    return rule_wrong(&reading->place, "a text and a line, its example, are wanted in",
                      (struct syslog_text){name, strlen(name)});
}

static struct syslog_compiled *new_rule(struct syslog_patterns *patterns)
{
    if (patterns->count == patterns->room) {
        uint32_t room = patterns->room > 0 ? 2 * patterns->room : 64;
        void *rules = room <= SYSLOG_RULES_MAX
                          ? realloc(patterns->rules, room * sizeof *patterns->rules)
                          : NULL;
        if (!rules)
            return NULL;
        patterns->rules = rules;
        patterns->room = room;
    }
    return &patterns->rules[patterns->count++];
}

static bool open_rule(struct reading *reading, struct syslog_text line)
{
    struct syslog_patterns *patterns = reading->patterns;
    if (!close_rule(reading))
        return false;
    struct syslog_text name = {line.at + 1, line.size > 2 ? line.size - 2 : 0};
    uint32_t fact = place_of(syslog_fact_names, SYSLOG_FACTS, name);
    if (line.at[line.size - 1] != ']' || fact == SYSLOG_FACT_NONE || fact == SYSLOG_FACTS)
        return rule_wrong(&reading->place, "a fact such as [bgp_down] is wanted", line);
    reading->rule = new_rule(patterns);
    if (!reading->rule)
        return rule_wrong(&reading->place, "no room: there may be 2048 rules", line);
    *reading->rule = (struct syslog_compiled){
        .rule = {(enum syslog_fact)fact, reading->vendor, reading->place.line}};
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

bool syslog_patterns_add(struct syslog_patterns *patterns, const char *vendor,
                         struct syslog_text text, struct syslog_pattern_error *error)
{
    struct reading reading = {.patterns = patterns, .place = {.error = error}};
    struct syslog_text copy = {NULL, 0};
    uint32_t before = patterns->count;
    if (patterns->file_count < SYSLOG_FILES_MAX)
        copy = rule_file_copy(&patterns->files[patterns->file_count], vendor, text);
    if (!copy.at) {
        *error = (struct syslog_pattern_error){0, "no memory, or more than 64 files"};
        return false;
    }
    reading.vendor = patterns->files[patterns->file_count++];
    bool good = rule_lines(&reading.place, copy, read_line, &reading) && close_rule(&reading);
    syslog_patterns_index(patterns);
    if (good && syslog_examples_hold(patterns, before, error))
        return true;
    patterns->count = before;
    syslog_patterns_index(patterns);
    free(patterns->files[--patterns->file_count]);
    return false;
}
