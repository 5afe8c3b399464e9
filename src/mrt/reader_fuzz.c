// SPDX-License-Identifier: ISC
// Any octets as an archive: every record is read to its end, and nothing is read beside it; what
// becomes of it, lines of text and UPDATEs, keeps its form.
#include "bgp/header.h"
#include "bgp/message.h"
#include "mrt/line.h"
#include "mrt/update.h"
#include "mrt/write.h"

#include <stdlib.h>
#include <string.h>

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static void touch(const uint8_t *bytes, size_t size, const struct mrt_record *record)
{
    FUZZ_CHECK(size <= record->body.size);
    FUZZ_CHECK(size == 0 || (bytes >= record->body.bytes &&
                             bytes + size <= record->body.bytes + record->body.size));
    const volatile uint8_t *ends = bytes;  // so that they are really read
    if (size > 0)
        (void)ends[0], (void)ends[size - 1];
}

static void check_nlri(const struct mrt_nlri *nlri, const struct mrt_record *record)
{
    struct prefix prefix = mrt_prefix(nlri);
    FUZZ_CHECK(prefix.length <= family_bits(prefix.address.family));
    FUZZ_CHECK(nlri->family == FAMILY_NONE ||
               prefix_equal(prefix, prefix_of(prefix.address, prefix.length)));
    if (nlri->family == FAMILY_NONE)
        touch(nlri->foreign.bytes, nlri->foreign.size, record);
    else
        touch(nlri->bytes, ((size_t)nlri->length + 7) / 8, record);
}

static void check_item(struct mrt_item *item, const struct mrt_record *record)
{
    struct mrt_entry entry;
    uint32_t entries = 0, announced = item->kind == MRT_RIB ? item->rib.count : 0;
    if (item->kind == MRT_RIB)
        check_nlri(&item->rib.nlri, record);
    while (mrt_entry_next(item, &entry)) {
        FUZZ_CHECK(entry.peer->address.family != FAMILY_NONE);
        touch(entry.attributes.bytes, entry.attributes.size, record);
        entries++;
    }
    FUZZ_CHECK(item->kind == MRT_RIB ? entries == announced : entries <= announced);
    if (item->kind == MRT_ROUTE) {
        check_nlri(&item->route.nlri, record);
        touch(item->route.attributes.bytes, item->route.attributes.size, record);
    }
    if (item->kind == MRT_MESSAGE) {
        const struct mrt_session *s = &item->session;
        touch(s->message.bytes, cursor_left(&s->message), record);
        touch(s->body.bytes, cursor_left(&s->body), record);
        FUZZ_CHECK(cursor_ok(&s->message) && cursor_ok(&s->body));
    }
    FUZZ_CHECK((item->kind == MRT_BAD) == (item->reason != NULL));
    FUZZ_CHECK(item->at <= record->body.size);
}

// An entry as an UPDATE: a message of the size it says, that can be judged.
static void check_announcement(const struct mrt_announcement *a, uint8_t as_size)
{
    static uint8_t bytes[BGP_EXTENDED_MESSAGE_MAX];
    struct writer w = writer_over(bytes, sizeof bytes);
    mrt_announcement_encode(&w, a, sizeof bytes);
    if (!writer_ok(&w))
        return;
    FUZZ_CHECK(w.size >= BGP_HEADER_SIZE && bytes[16] == w.size >> 8 &&
               bytes[17] == (w.size & 0xff));
    struct bgp_context context = {.observed = true,
                                  .as4 = as_size == 4,
                                  .families = {[FAMILY_IPV4] = true, [FAMILY_IPV6] = true},
                                  .extended_message = true};
    struct bgp_message message;
    struct bgp_verdict verdict = bgp_message_decode(cursor_over(bytes, w.size), &context, &message);
    FUZZ_CHECK(verdict.remedy != BGP_CLOSE);
}

static void check_announcements(struct mrt_item *item)
{
    struct mrt_entry entry;
    while (mrt_entry_next(item, &entry)) {
        struct mrt_announcement a = mrt_announcement_of_entry(&item->rib, &entry);
        check_announcement(&a, 4);
    }
    if (item->kind == MRT_ROUTE) {
        struct mrt_announcement a = mrt_announcement_of_route(&item->route);
        check_announcement(&a, item->route.as_size);
    }
}

// A RIB record that is written again is the same, but for host bits.
static void check_written(struct mrt_item *item, const struct mrt_record *record)
{
    enum { IPV4 = 2, IPV6 = 4, IPV4_ADDPATH = 8, IPV6_ADDPATH = 10 };
    static uint8_t bytes[1 << 16];
    if (item->kind != MRT_RIB ||
        (record->subtype != IPV4 && record->subtype != IPV6 && record->subtype != IPV4_ADDPATH &&
         record->subtype != IPV6_ADDPATH))
        return;
    struct prefix prefix = mrt_prefix(&item->rib.nlri);
    size_t prefix_size = ((size_t)prefix.length + 7) / 8;
    if (memcmp(prefix.address.bytes, item->rib.nlri.bytes, prefix_size) != 0)
        return;
    struct writer w = writer_over(bytes, sizeof bytes);
    struct mrt_rib_write rib =
        mrt_write_rib_begin(&w, record->time_s, item->rib.sequence, prefix, item->rib.add_path);
    struct mrt_entry entry;
    while (mrt_entry_next(item, &entry))
        mrt_write_entry(&w, &rib, entry.peer_index, entry.originated_s, entry.path_id,
                        entry.attributes);
    mrt_write_rib_end(&w, &rib);
    if (item->kind != MRT_RIB || !writer_ok(&w))
        return;
    FUZZ_CHECK(w.size == MRT_HEADER_SIZE + record->body.size);
    FUZZ_CHECK(memcmp(bytes + MRT_HEADER_SIZE, record->body.bytes, record->body.size) == 0);
    FUZZ_CHECK(memcmp(bytes, record->body.bytes - MRT_HEADER_SIZE, MRT_HEADER_SIZE) == 0);
}

// Who only counts sees what those see who read: unicast tables, whole and good, and no others.
static void check_count(uint16_t count, bool counted, struct mrt_item *item,
                        const struct mrt_record *record)
{
    struct mrt_entry entry;
    uint16_t entries = 0;
    bool unicast = item->kind == MRT_RIB && item->rib.safi == 1 && record->subtype != 6 &&
                   record->subtype != 12;
    while (mrt_entry_next(item, &entry))
        entries++;
    FUZZ_CHECK(counted == (unicast && item->kind == MRT_RIB));
    FUZZ_CHECK(!counted || count == entries);
}

struct seen {
    uint64_t lines, routes;  // routes: lines with "|A|" or "|W|"
};

// Whole lines of printable ASCII.
static void take_lines(void *user, const char *text, size_t size)
{
    struct seen *seen = user;
    FUZZ_CHECK(size > 0 && text[size - 1] == '\n');
    for (size_t i = 0; i < size; i++) {
        FUZZ_CHECK(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
        seen->lines += text[i] == '\n';
        seen->routes += i + 2 < size && text[i] == '|' && text[i + 2] == '|' &&
                        (text[i + 1] == 'A' || text[i + 1] == 'W');
    }
}

static void check_lines(struct mrt_lines *lines, const struct seen *seen,
                        const struct mrt_record *record, struct mrt_item *item)
{
    struct seen before = *seen;
    uint64_t announced = 0, withdrawn = 0;
    bool update = item->kind == MRT_MESSAGE && item->session.type == BGP_UPDATE;
    if (update)
        mrt_update_count(&item->session, &announced, &withdrawn);
    mrt_lines_write(lines, record, item);
    mrt_lines_flush(lines);
    // The type BGP has no multiprotocol lines.
    FUZZ_CHECK(!update || record->type == MRT_BGP ||
               seen->routes - before.routes == announced + withdrawn);
    FUZZ_CHECK(item->kind != MRT_STATE || seen->lines - before.lines == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct seen seen;
    static struct mrt_lines *lines;
    if (!lines)
        lines = mrt_lines_new(take_lines, &seen);
    struct mrt_reader reader = mrt_reader_over(bytes, size, 0);
    struct mrt_record record;
    struct mrt_peers peers = {0};
    size_t left = size;
    while (mrt_reader_next(&reader, &record) == MRT_RECORD) {
        FUZZ_CHECK(left - mrt_reader_left(&reader) == MRT_HEADER_SIZE + record.body.size);
        left = mrt_reader_left(&reader);
        struct mrt_item item;
        mrt_item_decode(&record, &peers, &item);
        uint16_t count = 0;
        bool counted = mrt_rib_count(&record, &peers, &count);
        struct mrt_item twins[] = {item, item, item, item};
        check_item(&item, &record);
        check_announcements(&twins[0]);
        check_lines(lines, &seen, &record, &twins[1]);
        check_written(&twins[2], &record);
        check_count(count, counted, &twins[3], &record);
    }
    FUZZ_CHECK(mrt_reader_left(&reader) < mrt_reader_wanted(&reader));
    mrt_peers_done(&peers);
    return 0;
}
