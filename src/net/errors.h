// SPDX-License-Identifier: ISC
// What is wrong in a configuration or scenario file, each with its line: all of it, not only the
// first. A bounded list: what does not fit is counted.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NET_ERRORS_MAX = 64, NET_ERROR_MAX = 400 };  // texts longer than NET_ERROR_MAX bytes are cut

enum net_severity {
    NET_ERROR,    // the file is not used
    NET_WARNING,  // used, but hardly what is wanted
    NET_NOTE,     // used, and worth knowing
    NET_SEVERITIES
};

struct net_error {
    uint32_t line;  // from 1
    enum net_severity severity;
    char text[NET_ERROR_MAX];  // "routers[0].port: 'x' is not a number: write 1 to 65535"
};

struct net_errors {
    const char *file_name;  // lent, for net_error_format()
    uint32_t count;         // in `items`
    uint32_t omitted;       // found, but there was no place for them
    uint32_t fatal;         // of severity NET_ERROR, the omitted ones included
    struct net_error items[NET_ERRORS_MAX];
};

void net_errors_init(struct net_errors *errors, const char *file_name);
void net_errors_add(struct net_errors *errors, enum net_severity severity, uint32_t line,
                    const char *text, ...) __attribute__((format(printf, 4, 5)));
// By line; what stands on one line stays in the order in which it was found.
void net_errors_sort(struct net_errors *errors);

// "FILE:LINE: what is wrong", "FILE:LINE: warning: ...", control characters made visible; gives
// `text` back. Enough for any: NET_ERROR_LINE_MAX bytes.
enum { NET_ERROR_LINE_MAX = 2 * NET_ERROR_MAX + 300 };
const char *net_error_format(const struct net_errors *errors, uint32_t index, char *text,
                             size_t size);
