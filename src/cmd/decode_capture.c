// SPDX-License-Identifier: ISC
// Captures (pcap, pcapng): packets to streams to messages, printed as they become whole.
#include "capture/streams.h"
#include "cmd/decode.h"
#include "cmd/decode_pcap.h"
#include "cmd/decode_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum side_state { UNDECIDED, MINE, OVER };  // OVER: of another protocol, or nothing more is read

struct side {  // one direction of a connection
    enum side_state state;
    bool lost;     // its beginning
    void *stream;  // of the protocol
    uint8_t *bytes;
    size_t size, capacity;
    uint64_t offset;  // of `bytes` in the stream
};

struct capture {
    const struct decode_wish *wish;
    struct streams *streams;
    struct side *sides;   // STREAMS_MAX
    struct timeval time;  // of the last packet
    uint32_t decoded;     // streams
    int status;
};

static void clear(struct side *side)
{
    free(side->bytes);
    *side = (struct side){.state = OVER};
}

static json_t *new_object(const struct capture *c, uint32_t slot)
{
    struct streams_ends ends = streams_ends(c->streams, slot);
    json_t *object = json_object();
    json_object_set_new(object, "stream", json_integer(ends.number));
    json_object_set_new(object, "from", decode_end_json(&ends.source));
    json_object_set_new(object, "to", decode_end_json(&ends.destination));
    json_object_set_new(object, "time", decode_time_json(&c->time));
    json_object_set_new(object, "offset", json_integer((json_int_t)c->sides[slot].offset));
    return object;
}

static void print(struct capture *c, json_t *object)
{
    if (!decode_print(object))
        c->status = 3;
}

static bool has_port(const struct streams_ends *ends, uint16_t port)
{
    return port != 0 && (ends->source.port == port || ends->destination.port == port);
}

static void take_up(struct capture *c, uint32_t slot)
{
    const struct decode_protocol *protocol = c->wish->protocol;
    struct side *side = &c->sides[slot];
    side->stream = protocol->open(c->wish->settings);
    if (!side->stream) {
        fprintf(stderr, "fairlead: out of memory\n");
        c->status = 3;
        clear(side);
        return;
    }
    side->state = MINE;
    c->decoded++;
    protocol->observe(side->stream, streams_ends(c->streams, slot).whole && !side->lost);
    uint32_t twin;
    if (protocol->pair && streams_twin(c->streams, slot, &twin) && c->sides[twin].state == MINE) {
        protocol->pair(side->stream, c->sides[twin].stream);
        protocol->pair(c->sides[twin].stream, side->stream);
    }
}

static void decide(struct capture *c, uint32_t slot, bool last)
{
    const struct decode_protocol *protocol = c->wish->protocol;
    struct side *side = &c->sides[slot];
    struct streams_ends ends = streams_ends(c->streams, slot);
    uint16_t port = c->wish->port != 0 ? c->wish->port : protocol->port;
    bool mine = has_port(&ends, port);
    if (!mine && c->wish->port == 0) {
        if (side->size < protocol->claim_size && !last)
            return;
        mine = protocol->claims(cursor_over(side->bytes, side->size));
    }
    if (mine)
        take_up(c, slot);
    else
        clear(side);
}

static void drop_taken(struct side *side, size_t taken)
{
    memmove(side->bytes, side->bytes + taken, side->size - taken);
    side->size -= taken;
    side->offset += taken;
}

static void finish(struct capture *c, uint32_t slot)
{
    const struct decode_protocol *protocol = c->wish->protocol;
    struct side *side = &c->sides[slot];
    uint32_t twin;
    if (protocol->pair && streams_twin(c->streams, slot, &twin) && c->sides[twin].state == MINE)
        protocol->pair(c->sides[twin].stream, NULL);
    protocol->close(side->stream);
    clear(side);
}

static void decode(struct capture *c, uint32_t slot, bool last)
{
    struct side *side = &c->sides[slot];
    size_t begun = 0;
    bool over = false;
    while (!over && c->status == 0 && side->size > begun) {
        struct cursor bytes = cursor_over(side->bytes + begun, side->size - begun);
        side->offset += begun;
        json_t *object = new_object(c, slot);
        side->offset -= begun;
        struct decode_step step = c->wish->protocol->next(side->stream, object, bytes, last);
        if (step.taken == 0) {
            json_decref(object);
            break;
        }
        print(c, object);
        begun += step.taken;
        over = step.ends;
    }
    drop_taken(side, begun);
    if (over || last)
        finish(c, slot);
}

static bool append(struct side *side, struct cursor data)
{
    size_t size = cursor_left(&data);
    if (side->size + size > side->capacity) {
        size_t capacity = (side->size + size) * 2;
        uint8_t *bytes = realloc(side->bytes, capacity);
        if (!bytes)
            return false;
        side->bytes = bytes;
        side->capacity = capacity;
    }
    memcpy(side->bytes + side->size, cursor_bytes(&data, size), size);
    side->size += size;
    return true;
}

static void hear_data(struct capture *c, uint32_t slot, struct cursor data)
{
    struct side *side = &c->sides[slot];
    if (side->state == OVER)
        return;
    if (!append(side, data)) {
        fprintf(stderr, "fairlead: out of memory\n");
        c->status = 3;
        return;
    }
    if (side->state == UNDECIDED)
        decide(c, slot, false);
    if (side->state == MINE)
        decode(c, slot, false);
}

static void hear_gap(struct capture *c, uint32_t slot, uint64_t size)
{
    struct side *side = &c->sides[slot];
    if (side->state == UNDECIDED && side->size > 0)
        decide(c, slot, true);
    if (side->state != MINE) {
        side->lost = true;
        side->offset += size;
        return;
    }
    json_t *object = new_object(c, slot);
    json_object_set_new(object, "verdict", json_string("ignore"));
    json_object_set_new(
        object, "reason",
        json_sprintf("%llu octets were not captured, %zu before them are no message",
                     (unsigned long long)size, side->size));
    json_object_set_new(object, "spec", json_string("RFC 9293 §3.4"));
    json_object_set_new(object, "at", json_integer((json_int_t)side->size));
    print(c, object);
    drop_taken(side, side->size);
    side->offset += size;
    c->wish->protocol->lost(side->stream);
}

static void hear_end(struct capture *c, uint32_t slot)
{
    struct side *side = &c->sides[slot];
    if (side->state == UNDECIDED && side->size > 0)
        decide(c, slot, true);
    if (side->state == MINE)
        decode(c, slot, true);
    clear(side);
    side->state = UNDECIDED;  // for the next stream in this slot
}

static void draw_events(struct capture *c)
{
    struct streams_event event;
    while (streams_next(c->streams, &event)) {
        if (event.kind == STREAMS_DATA)
            hear_data(c, event.slot, event.data);
        else if (event.kind == STREAMS_GAP)
            hear_gap(c, event.slot, event.size);
        else
            hear_end(c, event.slot);
    }
}

static bool hear_packet(void *context, enum packet_kind kind, const struct packet *packet,
                        const struct timeval *time)
{
    struct capture *c = context;
    c->time = *time;
    if (kind == PACKET_TCP) {
        streams_add(c->streams, packet);
        draw_events(c);
    }
    return c->status == 0;
}

static void run(struct capture *c, FILE *in)
{
    struct pcap_visit visit = {.each = hear_packet, .context = c};
    int status = decode_pcap_walk(in, &visit);
    streams_finish(c->streams);
    draw_events(c);
    decode_pcap_say_passed_over(&visit);
    c->status = c->status == 0 ? status : c->status;
    if (c->decoded == 0 && c->status == 0)
        fprintf(stderr, "fairlead: no %s in this capture: --port names the connections to read\n",
                c->wish->protocol->name);
    if (c->status == 0 && fflush(stdout) != 0) {
        fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
        c->status = 3;
    }
}

int decode_capture(FILE *in, const struct decode_wish *wish)
{
    struct siphash_key key;
    struct capture c = {.wish = wish, .sides = calloc(STREAMS_MAX, sizeof *c.sides)};
    bool good = getrandom(&key, sizeof key, 0) == sizeof key && c.sides;
    c.streams = good ? streams_new(key) : NULL;
    c.status = c.streams ? 0 : 3;
    if (c.streams)
        run(&c, in);
    else
        fclose(in);
    for (uint32_t slot = 0; c.sides && slot < STREAMS_MAX; slot++) {
        if (c.sides[slot].stream)
            finish(&c, slot);
        clear(&c.sides[slot]);
    }
    streams_free(c.streams);
    free(c.sides);
    return c.status;
}
