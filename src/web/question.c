// SPDX-License-Identifier: ISC
#include "web/question.h"

#include "base/escape.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// RFC 3339 in UTC; a fraction of a second is left out.
static json_t *moment_of(const char *text)
{
    struct tm at = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &at);
    if (rest && *rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    return rest && strcmp(rest, "Z") == 0 ? json_integer(timegm(&at)) : NULL;
}

static json_t *number_of(const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool whole = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    return whole ? json_integer(number) : NULL;
}

static json_t *truth_of(const char *text)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
        return json_true();
    return strcmp(text, "false") == 0 || strcmp(text, "0") == 0 ? json_false() : NULL;
}

// NULL: it is none of that type; a text that is not UTF-8 is none.
static json_t *value_of(enum web_argument_type type, const char *text)
{
    json_t *value = type == WEB_NUMBER || type == WEB_TIME ? number_of(text)
                    : type == WEB_BOOL                     ? truth_of(text)
                                                           : json_string(text);
    return !value && type == WEB_TIME ? moment_of(text) : value;
}

static bool say(char *why, const char *name, const char *what)
{
    char harmless_name[33], harmless[WEB_WHY_MAX - 40];  // either may quote a stranger
    escape_text(name, strlen(name), harmless_name, sizeof harmless_name);
    escape_text(what, strlen(what), harmless, sizeof harmless);
    snprintf(why, WEB_WHY_MAX, "'%s': %s", harmless_name, harmless);
    return false;
}

// The arguments, by their names as in a body: from the address.
static json_t *arguments_of_address(const struct web_place *place,
                                    const struct web_request *request, char *why)
{
    json_t *given = json_object();
    for (const struct web_argument *a = place->arguments; a->name; a++) {
        static const char *const what[] = {"no such text", "no whole number", "no true or false",
                                           "no time",      "no such text",    ""};
        const char *text = a->type == WEB_REST    ? web_place_rest(place, request)
                           : a->type == WEB_FIXED ? a->fallback
                                                  : web_request_argument(request, a->name);
        if (text && json_object_set_new(given, a->name, value_of(a->type, text)) < 0) {
            say(why, a->name, what[a->type]);
            json_decref(given);
            return NULL;
        }
    }
    return given;
}

static json_t *arguments_of_body(const struct web_request *request, char *why)
{
    json_error_t error;
    json_t *given = json_loadb(request->body_size ? request->body : "", request->body_size,
                               JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(given))
        return given;
    say(why, "body", given ? "no JSON object" : error.text);
    json_decref(given);
    return NULL;
}

static bool take_request_id(json_t *given, struct web_question *question, char *why)
{
    const json_t *id = json_object_get(given, "request_id");
    const char *text = json_string_value(id);
    if (!id)
        return true;
    if (!text || !web_request_id_is_good(text))
        return say(why, "request_id", "at most 64 letters, digits, '-' and '_'");
    snprintf(question->request_id, sizeof question->request_id, "%s", text);
    json_object_del(given, "request_id");
    return true;
}

// Moves what is given into the question under its field's name.
static bool fill(const struct web_place *place, json_t *given, json_t *ask, char *why)
{
    for (const struct web_argument *a = place->arguments; a->name; a++) {
        json_t *value = json_incref(json_object_get(given, a->name));
        if (!value && !a->fallback)
            return say(why, a->name, "is missing");
        if (!value)
            value = value_of(a->type, a->fallback);
        json_object_set_new(ask, a->field ? a->field : a->name, value);
        json_object_del(given, a->name);
    }
    const char *more = json_object_iter_key(json_object_iter(given));
    return !more || say(why, more, "nothing here is called so");
}

// Whatever is not allowed in a question is found by reading it as who will be asked does.
static bool write_line(const json_t *json, struct web_question *question, char *why)
{
    struct ask ask;
    char found[MESSAGE_WHY_MAX];
    size_t size = json_dumpb(json, question->line, ASK_LINE_MAX - 1, JSON_COMPACT);
    if (size == 0 || size >= ASK_LINE_MAX - 1)
        return say(why, "question", "too long");
    if (!ask_read(question->line, size, &ask, found)) {
        snprintf(why, WEB_WHY_MAX, "%s", found);
        return false;
    }
    question->line[size] = '\n';
    question->size = size + 1;
    return true;
}

bool web_question_make(const struct web_place *place, const struct web_request *request,
                       struct web_question *question, char *why)
{
    struct web_question made = {0};
    json_t *given = place->method == WEB_POST ? arguments_of_body(request, why)
                                              : arguments_of_address(place, request, why);
    json_t *ask = json_pack("{s:s, s:i}", "ask", place->ask, "version", ASK_VERSION);
    bool good = given && ask && take_request_id(given, &made, why) &&
                fill(place, given, ask, why) && write_line(ask, &made, why);
    json_decref(given);
    json_decref(ask);
    if (good)
        *question = made;
    return good;
}
