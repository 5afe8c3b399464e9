// SPDX-License-Identifier: ISC
#include "web/ack_page.h"

#include <string.h>

const char web_ack_style[] =
    ":root{color-scheme:light dark}"
    "body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:10vh auto;padding:0 1rem}"
    "h1{font-size:1.3rem;margin:0 0 .5rem}p{margin:.5rem 0;overflow-wrap:anywhere}"
    "button{font:inherit;font-weight:600;width:100%;padding:.9rem;margin:1rem 0;cursor:pointer}"
    "small{opacity:.75}";

const char web_ack_policy[] =
    "default-src 'none'; style-src 'sha256-UnRaHftRYthtSN9hji1KpHIBcsjwXR4G1RhZdzYJDAI='; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

struct page {
    char *html;
    size_t size;
};

static void put(struct page *page, const char *text)
{
    size_t room = WEB_ACK_HTML_MAX - 1 - page->size, size = strlen(text);
    size = size < room ? size : room;
    memcpy(page->html + page->size, text, size);
    page->size += size;
    page->html[page->size] = '\0';
}

// What strangers wrote: as text, never as markup. At most as much as leaves room for all else.
static void put_text(struct page *page, const char *text)
{
    enum { SHOWN_MAX = 600 };
    for (size_t i = 0; text[i] && i < SHOWN_MAX; i++) {
        const char plain[2] = {text[i], '\0'};
        put(page, text[i] == '&'                                    ? "&amp;"
                  : text[i] == '<'                                  ? "&lt;"
                  : text[i] == '>'                                  ? "&gt;"
                  : text[i] == '"'                                  ? "&quot;"
                  : text[i] == '\''                                 ? "&#39;"
                  : (unsigned char)text[i] < ' ' || text[i] == 0x7f ? " "
                                                                    : plain);
    }
}

static void put_paragraph(struct page *page, const char *text)
{
    if (!text[0])
        return;
    put(page, "<p>");
    put_text(page, text);
    put(page, "</p>");
}

static const char *const says[WEB_ACK_STATES] = {
    [WEB_ACK_ASKS] = "",
    [WEB_ACK_TAKEN] = "You have it. Whoever else was paged hears so.",
    [WEB_ACK_REFUSED] = "That was not taken:",
    [WEB_ACK_OVER] = "It is no longer open: nothing is left to do.",
    [WEB_ACK_OTHER_RUN] = ("This link is of before Fairlead was started anew, and its outage has "
                           "another number by now, or is over. Look at fairlead incidents."),
    [WEB_ACK_OLD] = "This link is too old. Log in, or use fairlead ack.",
    [WEB_ACK_FORGED] = "This is no link of ours, or not all of it. Log in, or use fairlead ack.",
    [WEB_ACK_SILENT] = "The engine has not said anything yet: try again in a moment.",
};

size_t web_ack_write(const struct web_ack *ack, char html[WEB_ACK_HTML_MAX])
{
    struct page page = {.html = html};
    put(&page, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
               "content=\"width=device-width,initial-scale=1\"><title>Fairlead</title><style>");
    put(&page, web_ack_style);
    put(&page, "</style><main><h1>Fairlead");
    if (ack->what[0]) {
        put(&page, ": ");
        put_text(&page, ack->what);
    }
    put(&page, "</h1>");
    put_paragraph(&page, ack->title);
    put_paragraph(&page, says[ack->state]);
    put_paragraph(&page, ack->words);
    if (ack->state == WEB_ACK_ASKS) {
        put(&page, "<form method=\"post\"><button>I have it in hand</button></form><p><small>Says "
                   "so as ");
        put_text(&page, ack->person);
        put(&page, ": pages for this outage end, until its acknowledgement runs out or it turns "
                   "graver.</small></p>");
    }
    put(&page, "</main></html>\n");
    return page.size;
}

unsigned web_ack_status(enum web_ack_state state)
{
    static const unsigned statuses[WEB_ACK_STATES] = {
        [WEB_ACK_ASKS] = 200,   [WEB_ACK_TAKEN] = 200,     [WEB_ACK_REFUSED] = 409,
        [WEB_ACK_OVER] = 410,   [WEB_ACK_OTHER_RUN] = 410, [WEB_ACK_OLD] = 410,
        [WEB_ACK_FORGED] = 403, [WEB_ACK_SILENT] = 503,
    };
    return statuses[state];
}
