// SPDX-License-Identifier: ISC
#include "maintnote/maintnote.h"

#include "maintnote/lines.h"
#include "maintnote/window.h"

#include <libical/ical.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const maintnote_status_names[MAINTNOTE_STATUSES] = {
    "TENTATIVE", "CONFIRMED", "IN-PROCESS", "COMPLETED", "CANCELLED"};
const char *const maintnote_impact_names[MAINTNOTE_IMPACTS] = {"NO-IMPACT", "REDUCED-REDUNDANCY",
                                                               "DEGRADED", "OUTAGE"};

bool maintnote_is_over(const struct maintnote *note)
{
    return note->status == MAINTNOTE_COMPLETED || note->status == MAINTNOTE_CANCELLED;
}

bool maintnote_hurts(const struct maintnote *note, enum maintnote_impact impact)
{
    return impact >= MAINTNOTE_DEGRADED && note->status != MAINTNOTE_TENTATIVE;
}

// ---- one event

struct reading {
    struct maintnote note;
    bool has_impact, has_status;
    char why[MAINTNOTE_WHY_MAX];  // "": nothing is wrong yet
};

static void wrong(struct reading *r, const char *form, ...) __attribute__((format(printf, 2, 3)));

// The first that is wrong is told.
static void wrong(struct reading *r, const char *form, ...)
{
    va_list arguments;
    if (r->why[0])
        return;
    va_start(arguments, form);
    vsnprintf(r->why, sizeof r->why, form, arguments);
    va_end(arguments);
}

// A text of theirs: bounded, and harmless on a terminal and in a log.
static void copy(char *to, size_t size, const char *from)
{
    size_t length = 0;
    for (; from && *from && length + 1 < size; from++) {
        unsigned char c = (unsigned char)*from;
        to[length++] = c < ' ' || c >= 0x7f ? '?' : (char)c;
    }
    while (length > 0 && to[length - 1] == ' ')
        length--;
    to[length] = '\0';
}

// A name that is cut would be another's.
static void take_name(struct reading *r, char *to, const char *what, const char *value)
{
    if (value && strlen(value) >= MAINTNOTE_TEXT_MAX)
        wrong(r, "%s has more than %d bytes", what, MAINTNOTE_TEXT_MAX - 1);
    copy(to, MAINTNOTE_TEXT_MAX, value);
}

static uint32_t find_word(const char *const *words, uint32_t count, const char *word)
{
    uint32_t i = 0;
    while (i < count && (!word || strcasecmp(words[i], word) != 0))
        i++;
    return i;
}

static enum maintnote_impact impact_of(struct reading *r, const char *word)
{
    uint32_t impact = find_word(maintnote_impact_names, MAINTNOTE_IMPACTS, word);
    char said[MAINTNOTE_TEXT_MAX];
    copy(said, sizeof said, word);
    if (impact == MAINTNOTE_IMPACTS)
        wrong(r,
              "impact '%s' is not known: there are NO-IMPACT, REDUCED-REDUNDANCY, "
              "DEGRADED and "
              "OUTAGE",
              said);
    return impact == MAINTNOTE_IMPACTS ? MAINTNOTE_OUTAGE : (enum maintnote_impact)impact;
}

static void take_status(struct reading *r, const char *word)
{
    uint32_t status = find_word(maintnote_status_names, MAINTNOTE_STATUSES, word);
    char said[MAINTNOTE_TEXT_MAX];
    copy(said, sizeof said, word);
    if (status == MAINTNOTE_STATUSES)
        wrong(r,
              "status '%s' is not known: there are TENTATIVE, CONFIRMED, "
              "IN-PROCESS, COMPLETED and "
              "CANCELLED",
              said);
    r->has_status = true;
    r->note.status = status;
}

static void take_object(struct reading *r, icalproperty *property, const char *value)
{
    struct maintnote *note = &r->note;
    if (note->object_count == MAINTNOTE_OBJECTS_MAX) {
        wrong(r, "more than %d objects", MAINTNOTE_OBJECTS_MAX);
        return;
    }
    struct maintnote_object *object = &note->objects[note->object_count++];
    *object = (struct maintnote_object){.impact = MAINTNOTE_IMPACTS};  // that of all
    take_name(r, object->id, "X-MAINTNOTE-OBJECT-ID", value);
    for (icalparameter *p = icalproperty_get_first_parameter(property, ICAL_X_PARAMETER); p;
         p = icalproperty_get_next_parameter(property, ICAL_X_PARAMETER)) {
        const char *name = icalparameter_get_xname(p);
        if (name && strcasecmp(name, "X-MAINTNOTE-OBJECT-IMPACT") == 0)
            object->impact = impact_of(r, icalparameter_get_xvalue(p));
    }
}

static enum maintnote_impact all_impact(const struct reading *r, enum maintnote_impact own,
                                        enum maintnote_impact all)
{
    return own != MAINTNOTE_IMPACTS ? own : r->has_impact ? all : MAINTNOTE_OUTAGE;
}

static void take_x(struct reading *r, icalproperty *property, enum maintnote_impact *all)
{
    const char *name = icalproperty_get_x_name(property), *value = icalproperty_get_x(property);
    if (!name || strncasecmp(name, "X-MAINTNOTE-", 12) != 0)
        return;
    name += 12;
    if (strcasecmp(name, "PROVIDER") == 0)
        take_name(r, r->note.provider, "X-MAINTNOTE-PROVIDER", value);
    else if (strcasecmp(name, "ACCOUNT") == 0)
        take_name(r, r->note.account, "X-MAINTNOTE-ACCOUNT", value);
    else if (strcasecmp(name, "MAINTENANCE-ID") == 0)
        take_name(r, r->note.id, "X-MAINTNOTE-MAINTENANCE-ID", value);
    else if (strcasecmp(name, "OBJECT-ID") == 0)
        take_object(r, property, value);
    else if (strcasecmp(name, "STATUS") == 0)
        take_status(r, value);
    else if (strcasecmp(name, "IMPACT") == 0) {
        *all = impact_of(r, value);
        r->has_impact = true;
    }
}

// What iCalendar itself says, where the convention's own words are missing (RFC
// 5545 §3.8.1.11).
static void take_plain(struct reading *r, icalcomponent *event)
{
    icalproperty *sequence = icalcomponent_get_first_property(event, ICAL_SEQUENCE_PROPERTY);
    icalproperty *summary = icalcomponent_get_first_property(event, ICAL_SUMMARY_PROPERTY);
    icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
    int number = sequence ? icalproperty_get_sequence(sequence) : 0;
    enum icalproperty_status said = status ? icalproperty_get_status(status) : ICAL_STATUS_NONE;
    if (number < 0)
        wrong(r, "SEQUENCE is negative");
    r->note.sequence = number < 0 ? 0 : (uint32_t)number;
    copy(r->note.summary, sizeof r->note.summary,
         summary ? icalproperty_get_summary(summary) : NULL);
    if (said == ICAL_STATUS_CANCELLED) {
        r->note.status = MAINTNOTE_CANCELLED;
        r->has_status = true;
    } else if (!r->has_status && (said == ICAL_STATUS_CONFIRMED || said == ICAL_STATUS_TENTATIVE)) {
        r->note.status = said == ICAL_STATUS_CONFIRMED ? MAINTNOTE_CONFIRMED : MAINTNOTE_TENTATIVE;
        r->has_status = true;
    }
}

static void judge(struct reading *r)
{
    const struct maintnote *note = &r->note;
    if (!note->provider[0])
        wrong(r, "X-MAINTNOTE-PROVIDER is missing: this is no announcement of "
                 "maintenance");
    if (!note->id[0])
        wrong(r, "X-MAINTNOTE-MAINTENANCE-ID is missing");
    if (!r->has_status)
        wrong(r, "X-MAINTNOTE-STATUS is missing");
    if (note->object_count == 0)
        wrong(r, "X-MAINTNOTE-OBJECT-ID is missing: it is not said what is worked on");
    for (uint32_t i = 0; i < note->object_count; i++)
        if (!note->objects[i].id[0])
            wrong(r, "X-MAINTNOTE-OBJECT-ID is empty");
}

// A cancellation needs no window (RFC 5546 §3.2.5).
static void take_window(struct reading *r, icalcomponent *event)
{
    char why[WINDOW_WHY_MAX];
    if (!window_of(event, &r->note.from_s, &r->note.until_s, why) && !maintnote_is_over(&r->note))
        wrong(r, "%s", why);
}

static void read_event(icalcomponent *event, bool cancelled, const struct maintnote_visit *visit)
{
    struct reading r = {.note.status = MAINTNOTE_CANCELLED, .has_status = cancelled};
    enum maintnote_impact all = MAINTNOTE_OUTAGE;
    char said[MAINTNOTE_WHY_MAX + 2 * MAINTNOTE_TEXT_MAX + 8];
    for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_X_PROPERTY); p;
         p = icalcomponent_get_next_property(event, ICAL_X_PROPERTY))
        take_x(&r, p, &all);
    take_plain(&r, event);
    if (cancelled)
        r.note.status = MAINTNOTE_CANCELLED;
    for (uint32_t i = 0; i < r.note.object_count; i++)
        r.note.objects[i].impact = all_impact(&r, r.note.objects[i].impact, all);
    take_window(&r, event);
    judge(&r);
    if (!r.why[0]) {
        visit->each(visit->context, &r.note);
        return;
    }
    snprintf(said, sizeof said, "%s%s%s: %s", r.note.provider[0] ? r.note.provider : "an event",
             r.note.id[0] ? " " : "", r.note.id, r.why);
    visit->wrong(visit->context, said);
}

// ---- the whole

// By iterators of our own: what looks for a zone moves those within components.
static bool read_calendar(icalcomponent *calendar, const struct maintnote_visit *visit)
{
    icalproperty *method = icalcomponent_get_first_property(calendar, ICAL_METHOD_PROPERTY);
    bool cancelled = method && icalproperty_get_method(method) == ICAL_METHOD_CANCEL, any = false;
    icalcompiter at = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
    for (icalcomponent *event; (event = icalcompiter_deref(&at)); icalcompiter_next(&at)) {
        read_event(event, cancelled, visit);
        any = true;
    }
    return any;
}

// Several calendars in one text are held by a component of the library's own.
static bool read_root(icalcomponent *root, const struct maintnote_visit *visit)
{
    bool any = false;
    if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT)
        return read_calendar(root, visit);
    icalcompiter at = icalcomponent_begin_component(root, ICAL_VCALENDAR_COMPONENT);
    for (icalcomponent *calendar; (calendar = icalcompiter_deref(&at)); icalcompiter_next(&at))
        any |= read_calendar(calendar, visit);
    return any;
}

void maintnote_read(const char *text, size_t size, const struct maintnote_visit *visit)
{
    const char *why = size > MAINTNOTE_BYTES_MAX ? "it is larger than an announcement" : NULL;
    char *lines = why ? NULL : malloc(size + 1);
    icalcomponent *root = NULL;
    if (!why && !lines)
        why = "out of memory";
    if (!why)
        lines_unfold(text, size, lines, &why);
    icalerror_set_errors_are_fatal(0);  // what is wrong in it is theirs, and no reason to end
    if (!why)
        root = icalparser_parse_string(lines);
    if (!why && (!root || !read_root(root, visit)))
        why = "no calendar with an event in it";
    if (root)
        icalcomponent_free(root);
    icalmemory_free_ring();
    free(lines);
    if (why)
        visit->wrong(visit->context, why);
}
