// SPDX-License-Identifier: ISC
// Announcements of maintenance: what is believed of them, and when it is.
#include "maintnote/maintnote.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define CALENDAR(zone, event)                                                                      \
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" zone "BEGIN:VEVENT\r\nUID:42\r\n" event                   \
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define OF(id) "X-MAINTNOTE-PROVIDER:carrier.example\r\nX-MAINTNOTE-MAINTENANCE-ID:" id "\r\n"
#define OBJECT "X-MAINTNOTE-OBJECT-ID:IC-1\r\n"
#define STATUS(word) "X-MAINTNOTE-STATUS:" word "\r\n"
#define UTC "DTSTART:20261010T080000Z\r\nDTEND:20261010T100000Z\r\n"
#define IN(zone, from, until) "DTSTART;TZID=" zone ":" from "\r\nDTEND;TZID=" zone ":" until "\r\n"
#define GOOD(window) CALENDAR("", OF("W-1") OBJECT STATUS("CONFIRMED") window)

// As Outlook writes it, by a name of its own.
#define OUTLOOK(rule)                                                                              \
    "BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\n"                        \
    "DTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+"                                \
    "0100\r\nRRULE:" rule "\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:"                         \
    "16010101T020000\r\nTZOFFSETFROM:+0100\r\n"                                                    \
    "TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\n"                    \
    "END:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
#define YEARLY "FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10"
#define OWN_ZONE "\"W. Europe Standard Time\""

// A note in words, or what is wrong, a line each.
struct said {
    char text[1024];
    size_t length;
};

static void say(struct said *said, const char *form, ...) __attribute__((format(printf, 2, 3)));

static void say(struct said *said, const char *form, ...)
{
    va_list arguments;
    va_start(arguments, form);
    int size =
        vsnprintf(said->text + said->length, sizeof said->text - said->length, form, arguments);
    va_end(arguments);
    said->length += (size_t)size;
    assert_true(said->length < sizeof said->text);
}

static void say_note(void *context, const struct maintnote *note)
{
    struct said *said = context;
    say(said, "%s %s #%u %s %lld+%lld", note->provider, note->id, note->sequence,
        maintnote_status_names[note->status], (long long)note->from_s,
        (long long)(note->until_s - note->from_s));
    for (uint32_t i = 0; i < note->object_count; i++)
        say(said, " %s=%s", note->objects[i].id, maintnote_impact_names[note->objects[i].impact]);
    say(said, "\n");
}

static void say_wrong(void *context, const char *why)
{
    say(context, "! %s\n", why);
}

static struct said read_text(const char *text, size_t size)
{
    struct said said = {.length = 0};
    maintnote_read(text, size, &(struct maintnote_visit){say_note, say_wrong, &said});
    return said;
}

// 1791619200 is 2026-10-10 08:00 UTC, 1792882800 2026-10-24 23:00, 1806188400
// 2027-03-27 23:00.
static const struct {
    const char *name, *text, *said;
} rows[] = {
    {"plain", GOOD(UTC), "carrier.example W-1 #0 CONFIRMED 1791619200+7200 IC-1=OUTAGE\n"},
    {"a length instead of an end", GOOD("DTSTART:20261010T080000Z\r\nDURATION:PT2H30M\r\n"),
     "carrier.example W-1 #0 CONFIRMED 1791619200+9000 IC-1=OUTAGE\n"},
    {"a number, and an impact of each",
     CALENDAR("", "SEQUENCE:7\r\n" OF("W-1") STATUS("tentative") UTC
              "X-MAINTNOTE-IMPACT:NO-IMPACT\r\n"
              "X-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=DEGRADED:IC "
              "4711/2\r\n"
              "X-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=\"REDUCED-"
              "REDUNDANCY\":IC-2\r\n" OBJECT),
     "carrier.example W-1 #7 TENTATIVE 1791619200+7200 IC 4711/2=DEGRADED "
     "IC-2=REDUCED-REDUNDANCY "
     "IC-1=NO-IMPACT\n"},
    {"the night with two times two o'clock",
     GOOD(IN("Europe/Berlin", "20261025T010000", "20261025T050000")),
     "carrier.example W-1 #0 CONFIRMED 1792882800+18000 IC-1=OUTAGE\n"},
    {"the night without two o'clock",
     GOOD(IN("Europe/Berlin", "20270328T000000", "20270328T060000")),
     "carrier.example W-1 #0 CONFIRMED 1806188400+18000 IC-1=OUTAGE\n"},
    {"the first of two times half past two",
     GOOD(IN("Europe/Berlin", "20261025T023000", "20261025T050000")),
     "carrier.example W-1 #0 CONFIRMED 1792888200+12600 IC-1=OUTAGE\n"},
    {"half past two where there is none",
     GOOD(IN("Europe/Berlin", "20270328T023000", "20270328T060000")),
     "carrier.example W-1 #0 CONFIRMED 1806197400+9000 IC-1=OUTAGE\n"},
    {"an autumn night elsewhere",
     GOOD(IN("America/New_York", "20261101T000000", "20261101T040000")),
     "carrier.example W-1 #0 CONFIRMED 1793505600+18000 IC-1=OUTAGE\n"},
    {"a zone that the calendar brings",
     CALENDAR(OUTLOOK(YEARLY), OF("W-1") OBJECT STATUS("CONFIRMED")
                                   IN(OWN_ZONE, "20261025T010000", "20261025T050000")),
     "carrier.example W-1 #0 CONFIRMED 1792882800+18000 IC-1=OUTAGE\n"},
    {"the same in spring",
     CALENDAR(OUTLOOK(YEARLY), OF("W-1") OBJECT STATUS("CONFIRMED")
                                   IN(OWN_ZONE, "20270328T000000", "20270328T060000")),
     "carrier.example W-1 #0 CONFIRMED 1806188400+18000 IC-1=OUTAGE\n"},
    {"a begin and an end of different zones",
     GOOD("DTSTART;TZID=Europe/Berlin:20261010T100000\r\nDTEND;TZID=Asia/"
          "Tokyo:20261010T190000\r\n"),
     "carrier.example W-1 #0 CONFIRMED 1791619200+7200 IC-1=OUTAGE\n"},
    {"a zone of seconds",
     CALENDAR(OUTLOOK("FREQ=SECONDLY"), OF("W-1") OBJECT STATUS("CONFIRMED")
                                            IN(OWN_ZONE, "20261025T010000", "20261025T050000")),
     "! carrier.example W-1: its VTIMEZONE has rules that no time zone has\n"},
    {"a zone of all seconds of a year",
     CALENDAR(OUTLOOK("FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1,2"),
              OF("W-1") OBJECT STATUS("CONFIRMED")
                  IN(OWN_ZONE, "20261025T010000", "20261025T050000")),
     "! carrier.example W-1: its VTIMEZONE has rules that no time zone has\n"},
    {"a zone of nobody", GOOD(IN("Mars/Olympus", "20261025T010000", "20261025T050000")),
     "! carrier.example W-1: time zone 'Mars/Olympus' is known neither to it "
     "nor to this host\n"},
    {"no zone", GOOD("DTSTART:20261010T080000\r\nDTEND:20261010T100000\r\n"),
     "! carrier.example W-1: a time without a zone: of which clock is not "
     "said\n"},
    {"a day", GOOD("DTSTART;VALUE=DATE:20261010\r\nDTEND;VALUE=DATE:20261011\r\n"),
     "! carrier.example W-1: it says only a day: from when on is not known\n"},
    {"no end", GOOD("DTSTART:20261010T080000Z\r\n"),
     "! carrier.example W-1: DTEND is missing: until when is not known\n"},
    {"no begin", GOOD(""), "! carrier.example W-1: DTSTART is missing\n"},
    {"an end before the begin", GOOD("DTSTART:20261010T080000Z\r\nDTEND:20261010T080000Z\r\n"),
     "! carrier.example W-1: it ends before it begins, or lasts for more than "
     "a year\n"},
    {"two years", GOOD("DTSTART:20261010T080000Z\r\nDTEND:20281010T080000Z\r\n"),
     "! carrier.example W-1: it ends before it begins, or lasts for more than "
     "a year\n"},
    {"the 32nd", GOOD("DTSTART:20261032T080000Z\r\nDTEND:20281010T080000Z\r\n"),
     "! carrier.example W-1: DTSTART or DTEND is no time\n"},
    {"every week", GOOD(UTC "RRULE:FREQ=WEEKLY\r\n"),
     "! carrier.example W-1: it repeats: write each time as an event of its "
     "own\n"},
    {"called off by its method",
     "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\nSEQUENCE:2\r\n" OF("W-1")
         OBJECT STATUS("CONFIRMED") "END:VEVENT\r\nEND:VCALENDAR\r\n",
     "carrier.example W-1 #2 CANCELLED 0+0 IC-1=OUTAGE\n"},
    {"called off by its status", GOOD("STATUS:CANCELLED\r\n" UTC),
     "carrier.example W-1 #0 CANCELLED 1791619200+7200 IC-1=OUTAGE\n"},
    {"called off by the convention", CALENDAR("", OF("W-1") OBJECT STATUS("CANCELLED")),
     "carrier.example W-1 #0 CANCELLED 0+0 IC-1=OUTAGE\n"},
    {"iCalendar's own status alone", CALENDAR("", OF("W-1") OBJECT "STATUS:CONFIRMED\r\n" UTC),
     "carrier.example W-1 #0 CONFIRMED 1791619200+7200 IC-1=OUTAGE\n"},
    {"no status", CALENDAR("", OF("W-1") OBJECT UTC),
     "! carrier.example W-1: X-MAINTNOTE-STATUS is missing\n"},
    {"another status", CALENDAR("", OF("W-1") OBJECT UTC STATUS("SOON")),
     "! carrier.example W-1: status 'SOON' is not known: there are TENTATIVE, "
     "CONFIRMED, "
     "IN-PROCESS, COMPLETED "
     "and CANCELLED\n"},
    {"another impact", GOOD(UTC "X-MAINTNOTE-IMPACT:BAD\x1b[2J\r\n"),
     "! carrier.example W-1: impact 'BAD?[2J' is not known: there are "
     "NO-IMPACT, "
     "REDUCED-REDUNDANCY, DEGRADED "
     "and OUTAGE\n"},
    {"no object", CALENDAR("", OF("W-1") STATUS("CONFIRMED") UTC),
     "! carrier.example W-1: X-MAINTNOTE-OBJECT-ID is missing: it is not said "
     "what is worked on\n"},
    {"an object of no name is left out", GOOD(UTC "X-MAINTNOTE-OBJECT-ID: \r\n"),
     "carrier.example W-1 #0 CONFIRMED 1791619200+7200 IC-1=OUTAGE\n"},
    {"too long a name",
     CALENDAR("", OF("0123456789012345678901234567890123456789012345678901234567890123")
                      OBJECT STATUS("CONFIRMED") UTC),
     "! carrier.example "
     "012345678901234567890123456789012345678901234567890123456789012: "
     "X-MAINTNOTE-MAINTENANCE-ID has more than 63 bytes\n"},
    {"a birthday", CALENDAR("", "SUMMARY:anna\r\n" UTC),
     "! an event: X-MAINTNOTE-PROVIDER is missing: this is no announcement of "
     "maintenance\n"},
    {"folded lines",
     CALENDAR("", OF("W-1") "X-MAINTNOTE-OB\r\n JECT-ID:IC-\r\n\t1\r\n" STATUS("CONFIRMED") UTC),
     "carrier.example W-1 #0 CONFIRMED 1791619200+7200 IC-1=OUTAGE\n"},
    {"newlines alone",
     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nX-MAINTNOTE-PROVIDER:c\nX-MAINTNOTE-"
     "MAINTENANCE-ID:1\n"
     "X-MAINTNOTE-OBJECT-ID:IC-1\nX-MAINTNOTE-STATUS:CONFIRMED\nDTSTART:"
     "20261010T080000Z\n"
     "DTEND:20261010T100000Z\nEND:VEVENT\nEND:VCALENDAR\n",
     "c 1 #0 CONFIRMED 1791619200+7200 IC-1=OUTAGE\n"},
    {"two calendars, one good", GOOD(UTC) CALENDAR("", OF("W-2") OBJECT STATUS("CONFIRMED")),
     "carrier.example W-1 #0 CONFIRMED 1791619200+7200 IC-1=OUTAGE\n! "
     "carrier.example W-2: DTSTART "
     "is missing\n"},
    {"nothing", "", "! no calendar with an event in it\n"},
    {"no calendar", "hello", "! no calendar with an event in it\n"},
    {"an empty one", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "! no calendar with an event in it\n"},
    {"an end without a begin", "END:VCALENDAR\n", "! an end of what never began\n"},
    {"a tower",
     "BEGIN:A\nBEGIN:B\n "
     "begin:c\nBEGIN:VCALENDAR\nBEGIN;X=1:VEVENT\nBEGIN:VEVENT\n",
     "! components within components within components: no calendar is so "
     "deep\n"},
    {"a tower that is folded", "BEGIN:A\nBE\n GIN:B\nBEG\n\tIN:C\nB\r\n EGIN:D\nBEGI\n N:E\n",
     "! components within components within components: no calendar is so "
     "deep\n"},
};

static void reads_announcements(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct said said = read_text(rows[i].text, strlen(rows[i].text));
        if (strcmp(said.text, rows[i].said) != 0)
            fail_msg("row '%s':\n%snot\n%s", rows[i].name, said.text, rows[i].said);
    }
}

static void bounds_what_it_reads(void **state)
{
    (void)state;
    char *large = calloc(1, MAINTNOTE_BYTES_MAX + 1);
    assert_non_null(large);
    memset(large, '\n', MAINTNOTE_BYTES_MAX + 1);
    assert_string_equal(read_text(large, MAINTNOTE_BYTES_MAX + 1).text,
                        "! it is larger than an announcement\n");
    assert_string_equal(read_text(large, 20000).text,
                        "! no calendar with an event in it\n");  // empty lines are none
    for (size_t i = 0; i < 20000; i += 2)
        large[i] = 'x';
    assert_string_equal(read_text(large, 20000).text, "! more lines than an announcement has\n");
    assert_string_equal(read_text("BEGIN:\0VCALENDAR", 16).text,
                        "! it has a zero byte: this is no text\n");
    size_t used =
        (size_t)snprintf(large, MAINTNOTE_BYTES_MAX, "%s",
                         "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" OF("1") STATUS("CONFIRMED") UTC);
    for (int i = 0; i < MAINTNOTE_OBJECTS_MAX + 1; i++)
        used += (size_t)snprintf(large + used, MAINTNOTE_BYTES_MAX - used, "%s", OBJECT);
    used +=
        (size_t)snprintf(large + used, MAINTNOTE_BYTES_MAX - used, "END:VEVENT\nEND:VCALENDAR\n");
    assert_string_equal(read_text(large, used).text, "! carrier.example 1: more than 64 objects\n");
    free(large);
}

// No part of one is believed to be another: what is cut says what is missing,
// or nothing is heard.
static void survives_every_cut(void **state)
{
    (void)state;
    static const char text[] =
        CALENDAR(OUTLOOK(YEARLY), OF("W-1") STATUS("CONFIRMED")
                                      IN(OWN_ZONE, "20261025T010000", "20261025T050000") OBJECT);
    struct said whole = read_text(text, sizeof text - 1);
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        char *part = malloc(cut + 1);  // so that sanitizers see its end
        assert_non_null(part);
        memcpy(part, text, cut);
        struct said said = read_text(part, cut);
        assert_true(said.length > 0);
        if (said.text[0] != '!')
            assert_true(strcmp(said.text, whole.text) == 0 || strstr(text + cut, "\r\nEND:VEVENT"));
        free(part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_announcements),
        cmocka_unit_test(bounds_what_it_reads),
        cmocka_unit_test(survives_every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
