// SPDX-License-Identifier: ISC
#include "count/count.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum count_verdict count_refuse(struct count_error *why, size_t byte, const char *form, ...)
{
    va_list arguments;
    why->byte = byte;
    va_start(arguments, form);
    vsnprintf(why->expected, sizeof why->expected, form, arguments);
    va_end(arguments);
    return COUNT_MALFORMED;
}

static bool is_word(struct count_text text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.text, word, text.size) == 0;
}

static bool read_family(struct count_text text, enum family *family)
{
    for (*family = FAMILY_IPV4; *family < FAMILIES; (*family)++)
        if (is_word(text, family_name(*family)))
            return true;
    return false;
}

static bool read_upstream(const struct net *net, struct count_text text, uint32_t *upstream)
{
    for (*upstream = 0; *upstream < net->upstream_count; (*upstream)++)
        if (is_word(text, net->upstreams[*upstream].name))
            return true;
    return false;
}

static bool read_prefix(struct count_text text, struct prefix *prefix)
{
    char copy[PREFIX_TEXT_MAX];
    if (text.size >= sizeof copy || memchr(text.text, '\0', text.size))
        return false;
    memcpy(copy, text.text, text.size);
    copy[text.size] = '\0';
    return prefix_parse(copy, prefix);
}

static bool by_prefix(const struct count_subject *subject, enum family said, struct count *count,
                      struct count_error *why)
{
    count->upstream = NET_NOBODY;
    if (subject->upstream.text)
        count_refuse(why, subject->prefix.byte, "an upstream or a prefix, not both");
    else if (!read_prefix(subject->prefix, &count->prefix))
        count_refuse(why, subject->prefix.byte,
                     "a prefix such as 192.0.2.0/24, no bit set after its length");
    else if (said != FAMILY_NONE && said != count->prefix.address.family)
        count_refuse(why, subject->family.byte, "the family of the prefix, or none");
    else {
        count->family = count->prefix.address.family;
        return true;
    }
    return false;
}

static bool by_upstream(const struct net *net, const struct count_subject *subject,
                        enum family said, struct count *count, struct count_error *why)
{
    count->prefix = (struct prefix){0};
    count->family = said;
    if (!subject->upstream.text)
        count_refuse(why, subject->byte, "an upstream and a family, or a prefix");
    else if (!read_upstream(net, subject->upstream, &count->upstream))
        count_refuse(why, subject->upstream.byte, "the name of an upstream of %s", net->site);
    else if (said == FAMILY_NONE)
        count_refuse(why, subject->byte, "a family: ipv4 or ipv6");
    else if (net_path_find(net, count->upstream, said) == NET_NOBODY)
        count_refuse(why, subject->family.byte, "a family that the upstream carries");
    else
        return true;
    return false;
}

bool count_subject_read(const struct net *net, const struct count_subject *subject,
                        struct count *count, struct count_error *why)
{
    enum family said = FAMILY_NONE;
    if (subject->site.text && !is_word(subject->site, net->site)) {
        count_refuse(why, subject->site.byte, "the site %s: others have their own", net->site);
        return false;
    }
    if (subject->family.text && !read_family(subject->family, &said)) {
        count_refuse(why, subject->family.byte, "a family: ipv4 or ipv6");
        return false;
    }
    return subject->prefix.text ? by_prefix(subject, said, count, why)
                                : by_upstream(net, subject, said, count, why);
}
