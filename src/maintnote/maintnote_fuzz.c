// SPDX-License-Identifier: ISC
// Whatever a provider sends: what is believed of it is whole, bounded and
// printable.
#include "maintnote/maintnote.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t room)
{
    assert(strnlen(text, room) < room);
    for (; *text; text++)
        assert((unsigned char)*text >= ' ' && (unsigned char)*text < 0x7f);
}

static void check(void *context, const struct maintnote *note)
{
    (void)context;
    check_text(note->provider, sizeof note->provider);
    check_text(note->account, sizeof note->account);
    check_text(note->id, sizeof note->id);
    check_text(note->summary, sizeof note->summary);
    assert(note->provider[0] && note->id[0] && note->status < MAINTNOTE_STATUSES);
    assert(maintnote_is_over(note) || note->from_s < note->until_s);
    assert(note->object_count > 0 && note->object_count <= MAINTNOTE_OBJECTS_MAX);
    for (uint32_t i = 0; i < note->object_count; i++) {
        check_text(note->objects[i].id, sizeof note->objects[i].id);
        assert(note->objects[i].id[0] && note->objects[i].impact < MAINTNOTE_IMPACTS);
    }
}

static void check_why(void *context, const char *why)
{
    (void)context;
    assert(why[0]);
    check_text(why, 512);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    maintnote_read((const char *)data, size, &(struct maintnote_visit){check, check_why, NULL});
    return 0;
}
