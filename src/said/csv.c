// SPDX-License-Identifier: ISC
#include "said/csv.h"

#include <string.h>

static bool is_end(const char *at)
{
    return *at == '\0' || *at == '\n' || (*at == '\r' && (at[1] == '\n' || at[1] == '\0'));
}

// One field at *at, which then is behind it; NULL, or what is wrong.
static const char *take_field(const char **at, char *field)
{
    bool quoted = **at == '"';
    size_t size = 0;
    *at += quoted;
    for (;; (*at)++) {
        if (quoted && **at == '"' && (*at)[1] != '"') {
            (*at)++;
            break;
        }
        if (**at == '\0' || **at == '\n' || (!quoted && (is_end(*at) || **at == ',')))
            break;
        *at += quoted && **at == '"';
        if (size + 1 >= CSV_FIELD_MAX)
            return "a field is too long";
        field[size++] = **at;
    }
    field[size] = '\0';
    if (quoted && ((*at)[-1] != '"' || !(is_end(*at) || **at == ',')))
        return "a quote does not end before its line or comma";
    return NULL;
}

static void skip_line(struct csv_reader *reader)
{
    const char *end = strchr(reader->rest, '\n');
    reader->rest = end ? end + 1 : reader->rest + strlen(reader->rest);
}

enum csv_result csv_next(struct csv_reader *reader, struct csv_record *record, const char **why)
{
    *why = NULL;
    do {
        reader->line++;
        if (*reader->rest == '\0')
            return CSV_END;
        if (is_end(reader->rest))
            skip_line(reader);
        else
            break;
    } while (true);
    const char *at = reader->rest;
    record->line = reader->line;
    record->count = 0;
    for (bool more = true; more && !*why; at += more) {
        if (record->count == CSV_FIELDS_MAX)
            *why = "too many fields";
        else
            *why = take_field(&at, record->fields[record->count++]);
        more = !*why && *at == ',';
    }
    skip_line(reader);
    return *why ? CSV_WRONG : CSV_RECORD;
}

void csv_add_field(struct said_text *text, const char *field)
{
    if (!strpbrk(field, ",\"\r\n")) {
        said_add(text, "%s", field);
        return;
    }
    said_add(text, "\"");
    for (; *field; field++)
        said_add(text, "%s%c", *field == '"' ? "\"" : "", *field);
    said_add(text, "\"");
}
