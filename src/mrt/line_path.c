// SPDX-License-Identifier: ISC
// AS paths and communities as bgpdump writes them, with its limits and its way to merge AS4_PATH.
#include "bgp/as_path.h"
#include "mrt/line_attributes.h"
#include "mrt/loose.h"
#include "mrt/text.h"

enum {
    CUT_AFTER = 7900,   // octets of a path's text, behind which bgpdump writes "..."
    STOP_AFTER = 8000,  // octets of its buffer, which paths of many empty segments overrun
};

struct path_text {
    char *begin, *to;
    bool space;    // before the next number or segment
    uint8_t type;  // of the segment before
    bool ended;    // by "..." or by an error
    uint32_t count;
};

static char opening(uint8_t type)
{
    return type == AS_SET ? '{' : type == AS_CONFED_SET ? '[' : '(';
}

static char closing(uint8_t type)
{
    return type == AS_SET ? '}' : type == AS_CONFED_SET ? ']' : ')';
}

static bool is_set(uint8_t type)
{
    return type == AS_SET || type == AS_CONFED_SET;
}

static struct path_text path_begin(char *to)
{
    return (struct path_text){.begin = to, .to = to, .type = AS_SEQUENCE};
}

static void path_fail(struct path_text *t)
{
    t->to = text_string(t->begin, "! Error !");
    t->count = 0;
    t->ended = true;
}

static void path_cut(struct path_text *t)
{
    t->to = text_string(t->to, "...");
    t->ended = true;
}

static void path_number(struct path_text *t, uint8_t type, uint32_t asn)
{
    if (t->space)
        *t->to++ = is_set(type) ? ',' : ' ';
    t->space = true;
    t->to = text_decimal(t->to, asn);
    if (t->to - t->begin > CUT_AFTER)
        path_cut(t);
}

// `numbers` holds at least `length` of them.
static void path_segment(struct path_text *t, uint8_t type, uint8_t length, struct cursor numbers,
                         uint8_t as_size)
{
    if (t->to - t->begin > STOP_AFTER) {
        path_cut(t);
        return;
    }
    if (t->type != AS_SEQUENCE)
        *t->to++ = closing(t->type);
    if (t->space)
        *t->to++ = ' ';
    if (type != AS_SEQUENCE)
        *t->to++ = opening(type);
    t->space = false;
    t->type = type;
    t->count += is_set(type) ? 1 : length;
    for (uint8_t i = 0; i < length && !t->ended; i++)
        path_number(t, type, as_number_next(&numbers, as_size));
}

static void path_segments(struct path_text *t, struct cursor path, uint8_t as_size)
{
    while (!t->ended && loose_left(&path) > 0) {
        bool cut = loose_left(&path) == 1;
        uint8_t type = loose_u8(&path);
        uint8_t length = loose_u8(&path);
        struct cursor numbers = loose_part(&path, (size_t)length * as_size);
        if (cut || type < AS_SET || type > AS_CONFED_SET || numbers.size < (size_t)length * as_size)
            path_fail(t);
        else
            path_segment(t, type, length, numbers, as_size);
    }
}

static char *path_end(struct path_text *t)
{
    if (!t->ended && t->type != AS_SEQUENCE)
        *t->to++ = closing(t->type);
    return t->to;
}

// bgpdump puts before AS4_PATH as many numbers of AS_PATH as it is longer by, but takes them all of
// the first segment, again and again: what scripts have always seen.
static char *merge(char *to, const struct line_attributes *a, uint32_t missing)
{
    struct cursor path = a->as_path;
    uint8_t type = loose_u8(&path);
    uint8_t length = loose_u8(&path);
    struct path_text t = path_begin(to);
    for (uint32_t left = missing; left > 0 && !t.ended;) {
        uint32_t own = is_set(type) ? 1 : length;
        bool cut = !is_set(type) && own > left;
        path_segment(&t, type, cut ? (uint8_t)left : length, path, a->as_size);
        left -= cut ? left : own;
    }
    path_segments(&t, a->as4_path, 4);
    return path_end(&t);
}

char *line_path(char *to, const struct line_attributes *a)
{
    enum { AS_PATH = 2, AS4_PATH = 17, AS_SIZE_OLD = 2 };
    if (!(a->present >> AS_PATH & 1))
        return to;
    struct path_text t = path_begin(to);
    path_segments(&t, a->as_path, a->as_size);
    if (a->as_size != AS_SIZE_OLD || !(a->present >> AS4_PATH & 1))
        return path_end(&t);
    char scratch[LINE_PATH_MAX];
    struct path_text as4 = path_begin(scratch);
    path_segments(&as4, a->as4_path, 4);
    // Of a first segment that is empty bgpdump would copy for ever.
    bool endless = t.count > as4.count && a->as_path.bytes[1] == 0 && !is_set(a->as_path.bytes[0]);
    if (t.count < as4.count || endless)
        return path_end(&t);
    return merge(to, a, t.count - as4.count);
}

static const char *community_name(uint32_t community)
{
    switch (community) {  // RFC 1997
    case 0xffffff01:
        return " no-export";
    case 0xffffff02:
        return " no-advertise";
    case 0xffffff03:
        return " local-AS";
    default:
        return NULL;
    }
}

char *line_communities(char *to, struct cursor communities)
{
    size_t used =
        0;  // of bgpdump's buffer, with the space that goes before each and the final zero
    while (loose_left(&communities) >= 4) {
        uint32_t community = loose_be32(&communities);
        const char *name = community_name(community);
        char text[16], *end = text;
        if (name) {
            end = text_string(text, name);
        } else {
            *end++ = ' ';
            end = text_decimal(end, community >> 16);
            *end++ = ':';
            end = text_decimal(end, community & 0xffff);
        }
        size_t size = (size_t)(end - text), room = LINE_COMMUNITIES_MAX - 1 - used;
        if (name && size > room)
            continue;
        size = size < room ? size : room;
        bool first = used == 0;  // its space is left out
        to = text_bytes(to, text + first, size - first);
        used += size;
    }
    return to;
}
