// SPDX-License-Identifier: ISC
#include "syslog/rule_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool rule_wrong(const struct rule_place *place, const char *what, struct syslog_text text)
{
    place->error->line = place->line;
    snprintf(place->error->what, sizeof place->error->what, "%s: '%.*s'", what,
             (int)(text.size < 60 ? text.size : 60), text.at);
    return false;
}

bool rule_lines(struct rule_place *place, struct syslog_text text,
                bool (*read)(void *reading, struct syslog_text line), void *reading)
{
    while (text.size > 0) {
        const char *end = memchr(text.at, '\n', text.size);
        struct syslog_text line = {text.at, end ? (size_t)(end - text.at) : text.size};
        place->line++;
        if (!read(reading, line))
            return false;
        text = (struct syslog_text){text.at + line.size + (end != NULL),
                                    text.size - line.size - (end != NULL)};
    }
    return true;
}

struct syslog_text rule_file_copy(char **kept, const char *vendor, struct syslog_text text)
{
    size_t name_size = strlen(vendor) + 1;
    *kept = malloc(name_size + text.size + 1);
    if (!*kept)
        return (struct syslog_text){NULL, 0};
    memcpy(*kept, vendor, name_size);
    memcpy(*kept + name_size, text.at, text.size);
    return (struct syslog_text){*kept + name_size, text.size};
}
