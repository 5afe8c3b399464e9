// SPDX-License-Identifier: ISC
#include "maintnote/lines.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum {
    DEPTH_MAX = 4,         // VCALENDAR, VEVENT, VALARM: three
    LINES_MAX = 8 * 1024,  // and components are lines too
};

static size_t break_size(const char *at, const char *end)
{
    if (at < end && *at == '\n')
        return 1;
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

static size_t unfold(const char *text, size_t size, char *out)
{
    const char *end = text + size;
    size_t length = 0;
    while (text < end) {
        size_t skip = break_size(text, end);
        bool folded = skip > 0 && text + skip < end && (text[skip] == ' ' || text[skip] == '\t');
        if (folded)
            text += skip + 1;
        else
            out[length++] = *text++;
    }
    out[length] = '\0';
    return length;
}

static bool begins(const char *line, const char *word)
{
    size_t size = strlen(word);
    return strncasecmp(line, word, size) == 0 && !isalnum((unsigned char)line[size]) &&
           line[size] != '-';
}

static const char *judge(const char *text)
{
    int depth = 0, lines = 0;
    for (const char *line = text; line; lines++) {
        line += strspn(line, " \t\r\n");  // as the library does
        depth += begins(line, "BEGIN") ? 1 : begins(line, "END") ? -1 : 0;
        if (depth < 0)
            return "an end of what never began";
        if (depth > DEPTH_MAX)
            return "components within components within components: no calendar is "
                   "so deep";
        line = strchr(line, '\n');
    }
    return lines > LINES_MAX ? "more lines than an announcement has" : NULL;
}

size_t lines_unfold(const char *text, size_t size, char *out, const char **why)
{
    size_t length = unfold(text, size, out);
    *why = memchr(text, '\0', size) ? "it has a zero byte: this is no text" : judge(out);
    return length;
}
