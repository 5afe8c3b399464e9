// SPDX-License-Identifier: ISC
#include "count/json.h"

#include <string.h>

json_t *count_json_open(const char *text, size_t size, struct count_error *why)
{
    json_error_t error;
    json_t *array = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!array) {
        size_t byte = error.position > 0 ? (size_t)error.position : 0;
        count_refuse(why, byte < size ? byte + 1 : size, "JSON");  // never what came: it is logged
        return NULL;
    }
    if (json_is_array(array) && json_array_size(array) <= COUNT_ITEMS_MAX)
        return array;
    count_refuse(why, 1, "an array of at most %d objects", COUNT_ITEMS_MAX);
    json_decref(array);
    return NULL;
}

static bool read_text(const json_t *value, struct count_text *text)
{
    if (!json_is_string(value))
        return false;
    *text = (struct count_text){json_string_value(value), json_string_length(value), 0};
    return true;
}

static bool read_value(const json_t *value, uint64_t *number)
{
    json_int_t integer = json_integer_value(value);
    if (!json_is_integer(value) || integer < 0 || integer > COUNT_VALUE_MAX)
        return false;
    *number = (uint64_t)integer;
    return true;
}

struct item {
    struct count_subject subject;
    uint64_t attempts, failed;
    uint32_t numbers;  // set of those given
};

static enum count_verdict read_member(struct item *item, const char *key, const json_t *value,
                                      struct count_error *why)
{
    const struct {
        const char *name;
        struct count_text *text;
        uint64_t *number;
    } known[] = {
        {"upstream", &item->subject.upstream, NULL}, {"family", &item->subject.family, NULL},
        {"prefix", &item->subject.prefix, NULL},     {"site", &item->subject.site, NULL},
        {"attempts", NULL, &item->attempts},         {"failed", NULL, &item->failed},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(key, known[i].name) != 0)
            continue;
        if (known[i].text && !read_text(value, known[i].text))
            return count_refuse(why, 0, "a text as %s", key);
        if (known[i].number && !read_value(value, known[i].number))
            return count_refuse(why, 0, "a whole number as %s, at most %d", key, COUNT_VALUE_MAX);
        item->numbers |= known[i].number ? 1u << i : 0;
        return COUNT_TAKEN;
    }
    return count_refuse(why, 0, "only upstream, family, prefix, site, attempts and failed");
}

enum count_verdict count_json_read(const struct net *net, const json_t *item, struct count *count,
                                   struct count_error *why)
{
    enum { BOTH = 1 << 4 | 1 << 5 };
    struct item read = {0};
    if (!json_is_object(item))
        return count_refuse(why, 0, "an object");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)item, key, value)
    {  // which only reads
        enum count_verdict verdict = read_member(&read, key, value, why);
        if (verdict != COUNT_TAKEN)
            return verdict;
    }
    if (read.numbers != BOTH)
        return count_refuse(why, 0, "attempts and failed");
    if (read.failed > read.attempts)
        return count_refuse(why, 0, "failed at most as large as attempts");
    struct count named = {
        .attempts = read.attempts, .failed = read.failed, .rate_ppm = COUNT_RATE_ALL};
    if (!count_subject_read(net, &read.subject, &named, why))
        return COUNT_MALFORMED;
    *count = named;
    return COUNT_TAKEN;
}
