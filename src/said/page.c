// SPDX-License-Identifier: ISC
// The page and the feed, made of what is drafted or published: nothing that is not in it.
#include "said/status.h"

#include "base/siphash.h"

#include <inttypes.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1a1d21;--dim:#5b6570;--paper:#fff;--line:#d7dce1;"
    "--bad:#b42318;--well:#1a7f37;--draft:#8a5a00}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--dim:#9aa5b1;--paper:#15181c;"
    "--line:#343b43;--bad:#ff8a7a;--well:#6fdc8c;--draft:#f0b74a}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:46rem;margin:0 auto;padding:1.5rem 1rem}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0}article{border-top:1px solid var(--line);"
    "padding:1rem 0}p,dl{margin:.5rem 0}.state{font-weight:600}.bad{color:var(--bad)}"
    ".well{color:var(--well)}.draft{color:var(--draft);font-weight:600}dt,footer{color:var(--dim)}"
    "dt{font-size:.9rem}dd{margin:0 0 .4rem}";

static const char *get(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

// Nothing more comes of it, well or not.
static bool is_past(const json_t *outage)
{
    static const char *const states[] = {"over", "merged", "interrupted"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i], get(outage, "state")) == 0)
            return true;
    return false;
}

static const char *state_words(const json_t *outage)
{
    static const struct {
        const char *state, *words;
    } rows[] = {{"open", "Packets are being lost"},
                {"partly_well", "Partly well again"},
                {"still_broken", "Packets are being lost"},
                {"mitigated", "Traffic is moved to where it arrives"},
                {"well", "Well again, and watched"},
                {"over", "Over"},
                {"merged", "Part of another outage"},
                {"interrupted", "Not measured to its end"}};
    const json_t *ways = json_object_get(json_object_get(outage, "scope"), "upstreams");
    if (strcmp(get(outage, "state"), "open") == 0 && ways && json_array_size(ways) == 0)
        return "Out of reach";  // no loss is measured: nobody sends there any more
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].state, get(outage, "state")) == 0)
            return rows[i].words;
    return get(outage, "state");
}

static void add_element(struct said_text *text, const char *name, const char *what)
{
    said_add(text, "<%s>", name);
    said_add_markup(text, what);
    said_add(text, "</%s>\n", name);
}

// ---- HTML

static void add_updates(struct said_text *text, const json_t *outage)
{
    const json_t *updates = json_object_get(outage, "updates");
    said_add(text, "<dl>\n");
    for (size_t i = json_array_size(updates); i > 0; i--) {
        const json_t *update = json_array_get(updates, i - 1);
        said_add(text, "<dt><time>");
        said_add_markup(text, get(update, "time"));
        said_add(text, "</time></dt>\n");
        add_element(text, "dd", get(update, "text"));
    }
    said_add(text, "</dl>\n");
}

static void add_outage(struct said_text *text, const json_t *outage)
{
    size_t i;
    json_t *sentence;
    const char *state = get(outage, "state");
    bool well = strcmp(state, "over") == 0 || strcmp(state, "well") == 0;
    said_add(text, "<article>\n");
    add_element(text, "h2", get(outage, "title"));
    said_add(text, "<p class=\"state %s\">", well ? "well" : is_past(outage) ? "past" : "bad");
    said_add_markup(text, state_words(outage));
    said_add(text, "</p>\n");
    if (get(outage, "note")[0] != '\0')
        add_element(text, "p", get(outage, "note"));
    json_array_foreach(json_object_get(outage, "text"), i, sentence)
        add_element(text, "p", json_string_value(sentence));
    add_element(text, "p", get(outage, "doing"));
    add_updates(text, outage);
    said_add(text, "</article>\n");
}

static size_t open_count(const json_t *page)
{
    size_t i, open = 0;
    json_t *outage;
    json_array_foreach(json_object_get(page, "outages"), i, outage) open += !is_past(outage);
    return open;
}

static void add_head(struct said_text *text, const json_t *page)
{
    said_add(text, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n"
                   "<meta http-equiv=\"refresh\" content=\"60\">\n<title>");
    said_add_markup(text, get(page, "site"));
    said_add(text,
             ": status</title>\n<link rel=\"alternate\" type=\"application/atom+xml\" "
             "href=\"feed.atom\">\n<style>%s</style>\n</head>\n<body>\n<h1>Status of ",
             style);
    said_add_markup(text, get(page, "site"));
    said_add(text, "</h1>\n");
}

void said_status_html(const json_t *page, struct said_text *text)
{
    size_t i, open = open_count(page);
    bool draft = json_is_true(json_object_get(page, "draft"));
    json_t *outage;
    add_head(text, page);
    if (draft)
        said_add(text, "<p class=\"draft\">A draft: nobody has published it.</p>\n");
    if (open == 0)  // what is not published may yet be drafted
        said_add(text, "<p class=\"state\">%s</p>\n",
                 draft ? "No loss of packets is known of." : "No outage is told of.");
    json_array_foreach(json_object_get(page, "outages"), i, outage) add_outage(text, outage);
    said_add(text, "<footer>Made ");
    said_add_markup(text, get(page, "made"));
    said_add(text, ", of measurements; times in UTC.</footer>\n</body>\n</html>\n");
}

// ---- Atom

// The same for the same thing, always: RFC 4287 §4.2.6; a UUID of RFC 9562 §5.8.
static void add_id(struct said_text *text, const json_t *page, const char *of, const char *began)
{
    char name[512];
    int size = snprintf(name, sizeof name, "%s\n%s\n%s", get(page, "site"), of, began);
    size_t used = size < 0 ? 0 : (size_t)size < sizeof name ? (size_t)size : sizeof name - 1;
    uint64_t high = siphash((struct siphash_key){1, 0}, name, used);
    uint64_t low = siphash((struct siphash_key){2, 0}, name, used);
    said_add(text,
             "<id>urn:uuid:%08" PRIx32 "-%04" PRIx32 "-8%03" PRIx32 "-%04" PRIx32 "-%012" PRIx64
             "</id>\n",
             (uint32_t)(high >> 32), (uint32_t)(high >> 16 & 0xffff), (uint32_t)(high & 0xfff),
             (uint32_t)(low >> 48 & 0x3fff) | 0x8000, low & 0xffffffffffff);
}

static void add_entry(struct said_text *text, const json_t *page, const json_t *outage)
{
    size_t i;
    json_t *sentence;
    said_add(text, "<entry>\n");
    add_id(text, page, get(outage, "id"), get(outage, "began"));
    add_element(text, "title", get(outage, "title"));
    add_element(text, "published", get(outage, "began"));
    add_element(text, "updated", get(outage, "changed"));
    said_add(text, "<content type=\"text\">");
    said_add_markup(text, state_words(outage));
    said_add(text, ".\n");
    if (get(outage, "note")[0] != '\0') {
        said_add_markup(text, get(outage, "note"));
        said_add(text, "\n");
    }
    json_array_foreach(json_object_get(outage, "text"), i, sentence)
    {
        said_add_markup(text, json_string_value(sentence));
        said_add(text, "\n");
    }
    said_add_markup(text, get(outage, "doing"));
    said_add(text, "</content>\n</entry>\n");
}

void said_status_atom(const json_t *page, struct said_text *text)
{
    size_t i;
    json_t *outage;
    said_add(text, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                   "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    add_id(text, page, "", "");
    said_add(text, "<title>");
    said_add_markup(text, get(page, "site"));
    said_add(text, ": status%s</title>\n<author><name>",
             json_is_true(json_object_get(page, "draft")) ? " (draft)" : "");
    said_add_markup(text, get(page, "site"));
    said_add(text, "</name></author>\n<link rel=\"alternate\" href=\"index.html\"/>\n");
    add_element(text, "updated", get(page, "made"));
    json_array_foreach(json_object_get(page, "outages"), i, outage) add_entry(text, page, outage);
    said_add(text, "</feed>\n");
}
