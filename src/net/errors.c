// SPDX-License-Identifier: ISC
#include "net/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void net_errors_init(struct net_errors *errors, const char *file_name)
{
    *errors = (struct net_errors){.file_name = file_name};
}

// File content is quoted in errors: a terminal must not obey it.
static void make_visible(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

void net_errors_add(struct net_errors *errors, enum net_severity severity, uint32_t line,
                    const char *text, ...)
{
    errors->fatal += severity == NET_ERROR;
    if (errors->count == NET_ERRORS_MAX) {
        errors->omitted++;
        return;
    }
    struct net_error *error = &errors->items[errors->count++];
    error->line = line;
    error->severity = severity;
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(error->text, sizeof error->text, text, arguments);
    va_end(arguments);
    make_visible(error->text);
}

void net_errors_sort(struct net_errors *errors)
{
    for (uint32_t i = 1; i < errors->count; i++) {
        struct net_error error = errors->items[i];
        uint32_t place = i;
        for (; place > 0 && errors->items[place - 1].line > error.line; place--)
            errors->items[place] = errors->items[place - 1];
        errors->items[place] = error;
    }
}

const char *net_error_format(const struct net_errors *errors, uint32_t index, char *text,
                             size_t size)
{
    static const char *const labels[NET_SEVERITIES] = {"", "warning: ", "note: "};
    const struct net_error *error = &errors->items[index];
    snprintf(text, size, "%s:%u: %s%s", errors->file_name, error->line, labels[error->severity],
             error->text);
    return text;
}
