// SPDX-License-Identifier: ISC
#include "capture/streams.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = STREAMS_MAX * 2 };
#define NONE UINT16_MAX

// A connection whose beginning was not captured, and whose next segment is so far away, is another
// one between the same ports.
enum { FAR = 1 << 26 };

static_assert(STREAMS_MAX < NONE, "a slot's number fits");

struct waiting {  // in the order of the stream
    struct waiting *next;
    uint32_t sequence;
    uint32_t size;
    uint8_t bytes[];
};

struct stream {
    bool used;
    bool whole;    // its SYN was seen
    bool closes;   // at `end`, by FIN or RST
    bool greeted;  // with data in its SYN, and nothing since
    bool ended;    // and was told so; it stays to know what comes late
    uint32_t number;
    struct packet_end source, destination;
    uint32_t start, wanted, end;  // sequence numbers; `wanted` is that of the next octet
    uint64_t touched;             // the count of segments when the last came
    struct waiting *first;
    uint32_t waiting_count;
    size_t waiting_bytes;
};

struct streams {
    struct siphash_key key;
    uint32_t begun;        // streams so far
    uint32_t used;         // of `streams`, from the first
    uint64_t segments;     // so far
    size_t waiting_bytes;  // of all streams
    uint32_t current;      // that may have something to give; NONE
    uint32_t ending;       // that gives what it has, whatever is missing; NONE
    uint32_t finished;     // streams below were ended; STREAMS_MAX: there may be more packets
    bool has_packet;       // it waits until the stream in its way has ended
    struct packet packet;
    struct waiting *given;  // whose bytes the last event lent
    struct stream streams[STREAMS_MAX];
    uint16_t slots[SLOTS];  // open addressing: an index of `streams`, or NONE
};

struct streams *streams_new(struct siphash_key key)
{
    struct streams *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->key = key;
    s->current = s->ending = NONE;
    s->finished = STREAMS_MAX;
    memset(s->slots, 0xff, sizeof s->slots);
    return s;
}

static void drop_waiting(struct streams *s, struct stream *stream)
{
    for (struct waiting *next; stream->first; stream->first = next) {
        next = stream->first->next;
        free(stream->first);
    }
    s->waiting_bytes -= stream->waiting_bytes;
    stream->waiting_bytes = stream->waiting_count = 0;
}

void streams_free(struct streams *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->used; i++)
        drop_waiting(s, &s->streams[i]);
    free(s->given);
    free(s);
}

static size_t write_end(uint8_t *bytes, const struct packet_end *end)
{
    bytes[0] = (uint8_t)end->address.family;
    bytes[1] = (uint8_t)(end->port >> 8);
    bytes[2] = (uint8_t)end->port;
    memcpy(bytes + 3, end->address.bytes, 16);
    return 19;
}

static uint32_t slot_of(const struct streams *s, const struct packet_end *source,
                        const struct packet_end *destination)
{
    uint8_t bytes[38];
    size_t size = write_end(bytes, source);
    size += write_end(bytes + size, destination);
    return (uint32_t)siphash(s->key, bytes, size) % SLOTS;
}

static bool same_end(const struct packet_end *a, const struct packet_end *b)
{
    return a->port == b->port && address_equal(a->address, b->address);
}

// Where the stream is, or where it would be put.
static uint32_t seek(const struct streams *s, const struct packet_end *source,
                     const struct packet_end *destination)
{
    uint32_t slot = slot_of(s, source, destination);
    for (; s->slots[slot] != NONE; slot = (slot + 1) % SLOTS) {
        const struct stream *stream = &s->streams[s->slots[slot]];
        if (same_end(&stream->source, source) && same_end(&stream->destination, destination))
            break;
    }
    return slot;
}

// Takes a stream out of the table; those behind it that it pushed away move up.
static void unlist(struct streams *s, const struct stream *stream)
{
    uint32_t hole = seek(s, &stream->source, &stream->destination);
    s->slots[hole] = NONE;
    for (uint32_t slot = (hole + 1) % SLOTS; s->slots[slot] != NONE; slot = (slot + 1) % SLOTS) {
        uint16_t moved = s->slots[slot];
        s->slots[slot] = NONE;
        const struct stream *other = &s->streams[moved];
        s->slots[seek(s, &other->source, &other->destination)] = moved;
    }
}

static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

// Copies what is not older than what was given out already; false: out of memory, it is missing.
static bool keep(struct streams *s, struct stream *stream, struct cursor data, uint32_t sequence)
{
    size_t size = cursor_left(&data);
    struct waiting *w = malloc(sizeof *w + size);
    if (!w)
        return false;
    *w = (struct waiting){.sequence = sequence, .size = (uint32_t)size};
    memcpy(w->bytes, cursor_bytes(&data, size), size);
    struct waiting **at = &stream->first;
    while (*at && distance((*at)->sequence, sequence) >= 0)
        at = &(*at)->next;
    w->next = *at;
    *at = w;
    stream->waiting_count++;
    stream->waiting_bytes += size;
    s->waiting_bytes += size;
    return true;
}

// Captures that programs made up may have data in the SYN and not count the SYN itself. A probe of
// one octet, sent again, is no sign of it.
static void adjust(struct stream *stream, const struct packet *packet)
{
    bool uncounted =
        stream->greeted && cursor_left(&packet->data) > 1 && packet->sequence + 1 == stream->wanted;
    if (uncounted)
        stream->wanted--;
    stream->greeted = packet->flags & PACKET_SYN && cursor_left(&packet->data) > 0;
}

static void take(struct streams *s, struct stream *stream, const struct packet *packet)
{
    uint32_t sequence = packet->sequence + (packet->flags & PACKET_SYN ? 1 : 0);
    uint32_t size = (uint32_t)cursor_left(&packet->data);
    stream->touched = s->segments;
    if (stream->ended)
        return;
    adjust(stream, packet);
    if (size > 0 && distance(stream->wanted, sequence + size) > 0)
        (void)keep(s, stream, packet->data, sequence);
    uint32_t end = sequence + (uint32_t)packet->size;
    bool closes = packet->flags & (PACKET_FIN | PACKET_RST) && distance(stream->wanted, end) >= 0;
    if (closes && !stream->closes) {
        stream->closes = true;
        stream->end = end;
    }
}

// Whether the packet is of another connection between the same ports.
static bool is_another(const struct stream *stream, const struct packet *packet)
{
    if (packet->flags & PACKET_SYN)
        return packet->sequence + 1 != stream->start;
    int32_t away = distance(stream->wanted, packet->sequence);
    return away > FAR || away < -FAR;
}

static uint32_t oldest(const struct streams *s)
{
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < STREAMS_MAX; i++)
        if (s->streams[i].touched < s->streams[oldest].touched)
            oldest = i;
    return oldest;
}

static void begin(struct streams *s, uint32_t index, const struct packet *packet)
{
    uint32_t start = packet->sequence + (packet->flags & PACKET_SYN ? 1 : 0);
    struct stream *stream = &s->streams[index];
    if (stream->used)
        unlist(s, stream);
    *stream = (struct stream){
        .used = true,
        .whole = packet->flags & PACKET_SYN,
        .number = ++s->begun,
        .source = packet->source,
        .destination = packet->destination,
        .start = start,
        .wanted = start,
    };
    s->slots[seek(s, &packet->source, &packet->destination)] = (uint16_t)index;
}

// Gives the packet to its stream. If that one must end first, it begins to.
static void admit(struct streams *s)
{
    const struct packet *packet = &s->packet;
    uint32_t index = s->slots[seek(s, &packet->source, &packet->destination)];
    bool fresh = index == NONE || is_another(&s->streams[index], packet);
    bool worthy = packet->flags & PACKET_SYN || cursor_left(&packet->data) > 0;
    if (fresh && !worthy) {
        s->has_packet = false;
        return;
    }
    if (fresh && index == NONE) {
        index = s->used < STREAMS_MAX ? s->used++ : oldest(s);
    }
    struct stream *stream = &s->streams[index];
    if (fresh && stream->used && !stream->ended) {
        s->ending = index;
        return;
    }
    if (fresh)
        begin(s, index, packet);
    take(s, stream, packet);
    s->current = index;
    s->has_packet = false;
}

static void lend(struct streams *s, struct stream *stream, struct streams_event *event)
{
    struct waiting *w = stream->first;
    uint32_t old = (uint32_t)distance(w->sequence, stream->wanted);
    stream->first = w->next;
    stream->waiting_count--;
    stream->waiting_bytes -= w->size;
    s->waiting_bytes -= w->size;
    stream->wanted = w->sequence + w->size;
    s->given = w;
    event->kind = STREAMS_DATA;
    event->data = cursor_over(w->bytes + old, w->size - old);
}

static void drop_first(struct streams *s, struct stream *stream)
{
    struct waiting *w = stream->first;
    stream->first = w->next;
    stream->waiting_count--;
    stream->waiting_bytes -= w->size;
    s->waiting_bytes -= w->size;
    free(w);
}

static bool too_much_waits(const struct streams *s, const struct stream *stream)
{
    return stream->waiting_count > STREAMS_WAITING_MAX ||
           stream->waiting_bytes > STREAMS_WAITING_BYTES_MAX ||
           s->waiting_bytes > STREAMS_BYTES_MAX;
}

// What the stream has to give; false: nothing, yet.
static bool give(struct streams *s, uint32_t index, bool ends, struct streams_event *event)
{
    struct stream *stream = &s->streams[index];
    event->slot = index;
    while (stream->first &&
           distance(stream->wanted, stream->first->sequence + stream->first->size) <= 0)
        drop_first(s, stream);  // all of it was sent before
    if (stream->first && distance(stream->wanted, stream->first->sequence) <= 0) {
        lend(s, stream, event);
        return true;
    }
    if (!stream->first || !(ends || too_much_waits(s, stream)))
        return false;
    event->kind = STREAMS_GAP;
    event->size = stream->first->sequence - stream->wanted;
    stream->wanted = stream->first->sequence;
    return true;
}

static bool end(struct streams *s, struct streams_event *event)
{
    if (give(s, s->ending, true, event))
        return true;
    s->streams[s->ending].ended = true;
    s->ending = NONE;
    event->kind = STREAMS_END;
    return true;
}

static bool give_current(struct streams *s, struct streams_event *event)
{
    const struct stream *stream = &s->streams[s->current];
    if (give(s, s->current, false, event))
        return true;
    bool closed = stream->closes && !stream->ended && distance(stream->end, stream->wanted) >= 0;
    if (closed)
        s->ending = s->current;
    s->current = NONE;
    return closed && end(s, event);
}

static bool finish_next(struct streams *s, struct streams_event *event)
{
    while (s->finished < STREAMS_MAX) {
        const struct stream *stream = &s->streams[s->finished];
        if (stream->used && !stream->ended) {
            s->ending = s->finished;
            return end(s, event);
        }
        s->finished++;
    }
    return false;
}

void streams_add(struct streams *s, const struct packet *packet)
{
    assert(!s->has_packet);  // the owner draws all events after each
    s->segments++;
    s->packet = *packet;
    s->has_packet = true;
}

void streams_finish(struct streams *s)
{
    s->finished = 0;
}

bool streams_next(struct streams *s, struct streams_event *event)
{
    free(s->given);
    s->given = NULL;
    for (;;) {
        if (s->ending != NONE)
            return end(s, event);
        if (s->current != NONE && give_current(s, event))
            return true;
        if (!s->has_packet)
            return finish_next(s, event);
        admit(s);
    }
}

struct streams_ends streams_ends(const struct streams *s, uint32_t slot)
{
    const struct stream *stream = &s->streams[slot];
    return (struct streams_ends){stream->number, stream->whole, stream->source,
                                 stream->destination};
}

bool streams_twin(const struct streams *s, uint32_t slot, uint32_t *twin)
{
    const struct stream *stream = &s->streams[slot];
    uint16_t index = s->slots[seek(s, &stream->destination, &stream->source)];
    *twin = index;
    return index != NONE;
}
