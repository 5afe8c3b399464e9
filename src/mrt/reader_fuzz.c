// SPDX-License-Identifier: ISC
// Any octets as an archive: every record is read to its end, and nothing is read beside it.
#include "mrt/item.h"

#include <stdlib.h>

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
    volatile uint8_t sum = 0;  // so that the octets are really read
    for (size_t i = 0; i<size; i += size> 1 ? size - 1 : 1)
        sum ^= bytes[i];
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mrt_reader reader = mrt_reader_over(bytes, size, 0);
    struct mrt_record record;
    struct mrt_peers peers = {0};
    size_t left = size;
    enum mrt_step step;
    while ((step = mrt_reader_next(&reader, &record)) == MRT_RECORD) {
        FUZZ_CHECK(left - mrt_reader_left(&reader) == MRT_HEADER_SIZE + record.body.size);
        left = mrt_reader_left(&reader);
        struct mrt_item item;
        mrt_item_decode(&record, &peers, &item);
        check_item(&item, &record);
    }
    FUZZ_CHECK(mrt_reader_left(&reader) < mrt_reader_wanted(&reader));
    mrt_peers_done(&peers);
    return 0;
}
