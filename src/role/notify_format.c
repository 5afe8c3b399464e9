// SPDX-License-Identifier: ISC
#include "role/notify_format.h"

#include "base/civil.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 512 };

// Strings in which {words} stand for what the page says; `over` where an end is said otherwise.
struct form {
    const char *url;       // where the configuration has none
    const char *over_url;  // put behind it for an end; NULL: nothing
    const char *header;    // of authorisation; NULL: none
    const char *body, *over_body;
};

#define CARD                                                                                       \
    "{\"type\":\"message\",\"attachments\":[{\"contentType\":\"application/vnd.microsoft.card."    \
    "adaptive\",\"content\":{\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","  \
    "\"type\":\"AdaptiveCard\",\"version\":\"1.4\",\"body\":[{\"type\":\"TextBlock\",\"wrap\":"    \
    "true,\"text\":\"{text}{mark}\"}]}}]}"
#define LABELS                                                                                     \
    "[{\"labels\":{\"alertname\":\"FairleadOutage\",\"site\":\"{site}\",\"outage\":\"{key}\","     \
    "\"severity\":\"{severity}\"},\"annotations\":{\"summary\":\"{text}\","                        \
    "\"acknowledge\":\"{link}\"}"

// The vendors' own descriptions: PagerDuty Events API v2, Opsgenie Alert API, Alertmanager API v2,
// Slack incoming webhooks, Teams workflows with adaptive cards.
static const struct form forms[NET_CHANNEL_KINDS] = {
    [NET_CHANNEL_WEBHOOK] =
        {.header = "Authorization: Bearer {secret}",
         .body = "{\"site\":\"{site}\",\"page\":\"{page}\",\"kind\":\"{kind}\",\"outage\":"
                 "\"{outage}\",\"key\":\"{key}\",\"severity\":\"{severity}\",\"person\":"
                 "\"{person}\",\"text\":\"{text}\",\"link\":\"{link}\"}"},
    [NET_CHANNEL_EMAIL] =
        {.body = "From: {from}\r\nTo: {to}\r\nDate: {date}\r\nMessage-ID: <{page}.{channel}@"
                 "{site}.fairlead>\r\nSubject: {subject}\r\nAuto-Submitted: auto-generated\r\n"
                 "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: 8bit\r\n\r\n{text}{more}\r\n"},
    [NET_CHANNEL_SLACK] = {.body = "{\"text\":\"{text}{more}\"}"},
    [NET_CHANNEL_TEAMS] = {.body = CARD},
    [NET_CHANNEL_PAGERDUTY] =
        {.url = "https://events.pagerduty.com/v2/enqueue",
         .body = "{\"routing_key\":\"{secret}\",\"event_action\":\"trigger\",\"dedup_key\":\"{key}"
                 "\",\"payload\":{\"summary\":\"{text}\",\"source\":\"{site}\",\"severity\":"
                 "\"{grade}\",\"custom_details\":{\"acknowledge\":\"{link}\"}}}",
         .over_body = "{\"routing_key\":\"{secret}\",\"event_action\":\"resolve\",\"dedup_key\":"
                      "\"{key}\"}"},
    [NET_CHANNEL_OPSGENIE] =
        {.url = "https://api.opsgenie.com/v2/alerts",
         .over_url = "/{key}/close?identifierType=alias",
         .header = "Authorization: GenieKey {secret}",
         .body = "{\"message\":\"{subject}\",\"alias\":\"{key}\",\"description\":\"{text}{more}\","
                 "\"priority\":\"{priority}\",\"source\":\"fairlead {site}\"}",
         .over_body = "{\"note\":\"{text}\",\"source\":\"fairlead {site}\"}"},
    [NET_CHANNEL_ALERTMANAGER] = {.header = "Authorization: Bearer {secret}",
                                  .body = LABELS "}]",
                                  .over_body = LABELS ",\"endsAt\":\"{time}\"}]"},
};

// ---- words

static void write_time(int64_t at_s, const char *form, char *word)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char days[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    int64_t day = civil_floor(at_s, CIVIL_DAY_S), rest = at_s - day * CIVIL_DAY_S;
    struct civil date = civil_of(day);
    int hour = (int)(rest / 3600), minute = (int)(rest / 60 % 60), second = (int)(rest % 60);
    if (strcmp(form, "date") == 0)  // RFC 5322 §3.3
        snprintf(word, WORD_MAX, "%s, %02u %s %04d %02d:%02d:%02d +0000", days[civil_weekday(day)],
                 date.day, months[date.month - 1], date.year, hour, minute, second);
    else
        snprintf(word, WORD_MAX, "%04d-%02u-%02uT%02d:%02d:%02dZ", date.year, date.month, date.day,
                 hour, minute, second);
}

// One line of ASCII: what mail servers and lists of alerts take without further ado.
static void write_subject(const char *text, char *word)
{
    enum { SUBJECT_MAX = 120 };
    size_t size = 0;
    for (; text[size] && size < SUBJECT_MAX; size++)
        word[size] =
            (unsigned char)text[size] < ' ' || (unsigned char)text[size] > '~' ? '?' : text[size];
    word[size] = '\0';
}

static void write_line(const char *text, char *word)
{
    snprintf(word, WORD_MAX, "%s", text);
    for (char *c = word; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
}

void notify_link(const struct notify_about *about, char text[NOTIFY_LINK_MAX])
{
    const struct net *net = about->net;
    const struct alert_page *page = about->page;
    char link[WEB_LINK_TEXT_MAX];
    text[0] = '\0';
    if (!about->link_secret[0] || page->kind == PAGE_OVER || page->outage == 0 ||
        page->person >= net->alert.person_count)
        return;
    struct web_link says = {
        .outage = page->outage, .run_s = page->run_s, .until_s = about->now_s + WEB_LINK_S_MAX};
    memcpy(says.person, net->alert.people[page->person].name, sizeof says.person);
    web_link_write(&says, (struct web_link_key){about->link_secret, net->site}, link);
    snprintf(text, NOTIFY_LINK_MAX, "%s%s", net->access.url, link);
}

// "link" alone; behind a text "more", or "mark" where Markdown is read.
static bool write_link(const struct notify_about *about, const char *name, char *word)
{
    char link[NOTIFY_LINK_MAX];
    bool is_link = strcmp(name, "link") == 0, is_mark = strcmp(name, "mark") == 0;
    if (!is_link && !is_mark && strcmp(name, "more") != 0)
        return false;
    notify_link(about, link);
    word[0] = '\0';
    if (link[0])
        snprintf(word, WORD_MAX,
                 is_link   ? "%s"
                 : is_mark ? " [I have it](%s)"
                           : " I have it: %s",
                 link);
    return true;
}

// False: there is no such word.
static bool find_word(const struct notify_about *about, const char *name, char *word)
{
    static const char *const grades[] = {"warning", "error", "critical"};
    static const char *const priorities[] = {"P3", "P2", "P1"};
    const struct alert_page *page = about->page;
    const struct net_channel *channel = &about->net->alert.channels[page->channel];
    bool is_mail_heartbeat = page->kind == PAGE_HEARTBEAT && channel->heartbeat_to[0];
    const struct {
        const char *name, *value;
    } plain[] = {
        {"site", about->net->site},
        {"kind", page_kind_names[page->kind]},
        {"severity", outage_severity_names[page->severity]},
        {"grade", grades[page->severity]},
        {"priority", priorities[page->severity]},
        {"person", page->person < about->net->alert.person_count
                       ? about->net->alert.people[page->person].name
                       : ""},
        {"channel", channel->name},
        {"secret", about->secret},
        {"from", channel->from},
        {"to", is_mail_heartbeat ? channel->heartbeat_to : channel->to},
    };
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(name, plain[i].name) == 0)
            return snprintf(word, WORD_MAX, "%s", plain[i].value) < WORD_MAX;
    if (strcmp(name, "text") == 0)
        write_line(page->text, word);
    else if (strcmp(name, "subject") == 0)
        write_subject(page->text, word);
    else if (strcmp(name, "page") == 0)
        snprintf(word, WORD_MAX, "%" PRId64, page->number);
    else if (strcmp(name, "outage") == 0)
        snprintf(word, WORD_MAX, "%u", page->outage);
    else if (strcmp(name, "key") == 0)  // outages that began in another life of Fairlead are others
        snprintf(word, WORD_MAX, "fairlead-%s-%" PRId64 "-%u", about->net->site, page->run_s,
                 page->outage);
    else if (strcmp(name, "date") == 0 || strcmp(name, "time") == 0)
        write_time(about->now_s, name, word);
    else
        return write_link(about, name, word);
    return true;
}

// Puts words in their places; false: it does not fit.
static bool fill_in(const struct notify_about *about, const char *form, char *text, size_t size)
{
    char name[16], word[WORD_MAX];
    size_t at = 0;
    for (const char *c = form; *c;) {
        int used = 0;
        bool is_word =
            sscanf(c, "{%15[a-z]}%n", name, &used) == 1 && used > 0 && find_word(about, name, word);
        int wrote = is_word ? snprintf(text + at, size - at, "%s", word)
                            : snprintf(text + at, size - at, "%c", *c);
        c += is_word ? used : 1;
        at += (size_t)wrote;
        if (at >= size)
            return false;
    }
    text[at] = '\0';
    return true;
}

// ---- JSON: each string of the form is filled in, so that nothing that is put in can be more.

static json_t *filled(const struct notify_about *about, const json_t *value);

static json_t *filled_object(const struct notify_about *about, const json_t *object)
{
    json_t *copy = json_object(), *value;
    const char *key;
    json_object_foreach((json_t *)object, key, value)
        json_object_set_new(copy, key, filled(about, value));
    return copy;
}

static json_t *filled_array(const struct notify_about *about, const json_t *array)
{
    json_t *copy = json_array(), *value;
    size_t i;
    json_array_foreach(array, i, value) json_array_append_new(copy, filled(about, value));
    return copy;
}

// The recursion follows the forms above.
static json_t *filled(const struct notify_about *about, const json_t *value)
{
    char text[WORD_MAX * 2];
    if (json_is_object(value))
        return filled_object(about, value);
    if (json_is_array(value))
        return filled_array(about, value);
    if (!json_is_string(value) || !fill_in(about, json_string_value(value), text, sizeof text))
        return json_incref((json_t *)value);
    json_t *string = json_string(text);
    if (string)
        return string;
    for (char *c = text; *c; c++)  // not UTF-8: what a device said
        *c = (unsigned char)*c > '~' ? '?' : *c;
    return json_string(text);
}

static bool fill_json(const struct notify_about *about, const char *form, char *body)
{
    json_t *empty = json_loads(form, 0, NULL);
    json_t *full = empty ? filled(about, empty) : NULL;
    size_t size = full ? json_dumpb(full, body, NOTIFY_BODY_MAX - 1, JSON_COMPACT) : 0;
    json_decref(empty);
    json_decref(full);
    if (size == 0 || size >= NOTIFY_BODY_MAX)
        return false;
    body[size] = '\0';
    return true;
}

// ---- all of it

static const char *url_of(const struct notify_about *about, const struct form *form)
{
    const struct net_channel *channel = &about->net->alert.channels[about->page->channel];
    if (about->page->kind == PAGE_HEARTBEAT && channel->heartbeat_to[0] &&
        channel->kind != NET_CHANNEL_EMAIL)
        return channel->heartbeat_to;
    return channel->url[0] ? channel->url : form->url ? form->url : about->secret;
}

bool notify_format(const struct notify_about *about, struct notify_request *request)
{
    const struct net_channel *channel = &about->net->alert.channels[about->page->channel];
    const struct form *form = &forms[channel->kind];
    bool is_over = about->page->kind == PAGE_OVER;
    const char *body = is_over && form->over_body ? form->over_body : form->body;
    char behind[NET_URL_MAX] = "";
    *request = (struct notify_request){0};
    if (is_over && form->over_url && !fill_in(about, form->over_url, behind, sizeof behind))
        return false;
    int size = snprintf(request->url, sizeof request->url, "%s%s", url_of(about, form), behind);
    // Where the secret is the URL itself there is nothing to say beside it.
    bool has_header = form->header && about->secret[0] && (channel->url[0] || form->url);
    if (has_header && !fill_in(about, form->header, request->header, sizeof request->header))
        return false;
    if (size <= 0 || (size_t)size >= sizeof request->url)
        return false;
    if (channel->kind != NET_CHANNEL_EMAIL)
        return fill_json(about, body, request->body);
    return fill_in(about, body, request->body, sizeof request->body) &&
           fill_in(about, "{from}", request->from, sizeof request->from) &&
           fill_in(about, "{to}", request->to, sizeof request->to);
}
