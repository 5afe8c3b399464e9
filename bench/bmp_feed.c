// SPDX-License-Identifier: ISC
// A router that tells by BMP of a whole table, dealt out to some peers: the same UPDATEs that
// `fairlead feed` says on a session, wrapped and in memory before anything is sent. Told step by
// step as that is: each line on standard input begins one. usage: bmp_feed TABLE.mrt ADDRESS PORT
// PEERS
#include "base/prefix.h"
#include "bgp/header.h"
#include "bgp/open.h"
#include "bmp/message.h"
#include "cmd/feed.h"
#include "role/endpoint.h"
#include "role/now.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { PEERS_MAX = 64, FIRST_AS = 65001, ROUTER_AS = 64500, BEFORE_OPENS = 20 };

struct story {  // what is sent, in two steps: the peers, and their routes
    uint8_t *bytes;
    size_t size, peers_end;
    uint64_t messages;
};

static size_t begin(struct writer *w, enum bmp_type type)
{
    size_t begun = w->size;
    writer_u8(w, 3);
    writer_be32(w, 0);
    writer_u8(w, (uint8_t)type);
    return begun;
}

static void end(struct writer *w, size_t begun)
{
    struct writer size = writer_over(w->bytes + begun + 1, 4);
    writer_be32(&size, (uint32_t)(w->size - begun));
}

static void write_peer(struct writer *w, uint32_t peer)
{
    writer_be16(w, 0);  // a global peer; its own routes before policy, in IPv4
    writer_be64(w, 0);
    writer_be64(w, 0);
    writer_be32(w, 0);
    writer_be32(w, 0x0a630100 + peer);  // 10.99.1.0 and on
    writer_be32(w, FIRST_AS + peer);
    writer_be32(w, 0x0a630100 + peer);
    writer_be64(w, 0);
}

static void write_up(struct writer *w, uint32_t peer)
{
    static const uint8_t ends[BEFORE_OPENS] = {0};
    struct bgp_open open = {.id = 1, .hold_s = 90, .as4 = true, .families = {0, 1, 1}};
    size_t begun = begin(w, BMP_PEER_UP);
    write_peer(w, peer);
    writer_bytes(w, ends, sizeof ends);
    open.asn = ROUTER_AS;
    bgp_open_encode(w, &open);
    open.asn = FIRST_AS + peer;
    bgp_open_encode(w, &open);
    end(w, begun);
}

static void write_initiation(struct writer *w)
{
    size_t begun = begin(w, BMP_INITIATION);
    writer_bytes(w, "\0\1\0\5bench\0\2\0\5bench", 18);
    end(w, begun);
}

// The stream holds whole messages; each peer gets as many, one behind the other, as a router dumps.
static bool tell(const struct feed_stream *stream, uint32_t peers, struct story *story)
{
    size_t room = stream->size + (stream->messages + 2 * PEERS_MAX) * 256;
    story->bytes = malloc(room);
    if (!story->bytes)
        return false;
    struct writer w = writer_over(story->bytes, room);
    write_initiation(&w);
    for (uint32_t peer = 0; peer < peers; peer++)
        write_up(&w, peer);
    story->peers_end = w.size;
    uint64_t message = 0;
    for (struct cursor c = cursor_over(stream->bytes, stream->size); cursor_left(&c) > 0;
         message++) {
        struct cursor header = c;
        cursor_bytes(&header, 16);
        uint16_t size = cursor_be16(&header);
        size_t begun = begin(&w, BMP_ROUTE_MONITORING);
        write_peer(&w, (uint32_t)(message * peers / stream->messages));
        writer_bytes(&w, cursor_bytes(&c, size), size);
        end(&w, begun);
    }
    story->size = w.size;
    story->messages = message;
    return writer_ok(&w);
}

static bool make(const char *path, uint32_t peers, struct story *story, struct feed_output *output)
{
    static struct feed_archive archive;
    const char *const files[] = {path};
    const struct feed_options options = {
        .files = files, .file_count = 1, .families = {0, 1, 1}, .peer_as = ROUTER_AS};
    const struct bgp_context context = {.peer = BGP_EXTERNAL, .as4 = true, .families = {0, 1, 1}};
    const struct feed_how how = {.context = &context};
    bool good = feed_read(&options, &archive) == 0 &&
                feed_table_encode(&archive.table, &how, output) &&
                tell(&output->announce, peers, story);
    feed_archive_done(&archive);
    return good;
}

static int dial(const char *address, uint16_t port)
{
    struct address to;
    if (!address_parse(address, &to))
        return -1;
    union endpoint endpoint = endpoint_of(to, port);
    int fd = socket(endpoint.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, &endpoint.any, endpoint_size(&endpoint)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool send_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool step(int fd, const uint8_t *bytes, size_t size)
{
    if (getchar() == EOF)
        return false;
    printf("{\"event\":\"begun\",\"at_ns\":%" PRId64 "}\n", now_mono().ns);
    bool good = send_all(fd, bytes, size);
    printf("{\"event\":\"done\",\"at_ns\":%" PRId64 "}\n", now_mono().ns);
    return good;
}

int main(int argc, char **argv)
{
    uint32_t peers = argc == 5 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0;
    if (peers == 0 || peers > PEERS_MAX) {
        fprintf(stderr, "usage: %s TABLE.mrt ADDRESS PORT PEERS\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct story story = {0};
    struct feed_output output = {0};
    if (!make(argv[1], peers, &story, &output))
        return 3;
    printf("{\"event\":\"encoded\",\"routes_ipv4\":%" PRIu64 ",\"routes_ipv6\":%" PRIu64
           ",\"messages\":%" PRIu64 ",\"bytes\":%zu}\n",
           output.counts.routes[FAMILY_IPV4], output.counts.routes[FAMILY_IPV6], story.messages,
           story.size);
    int fd = dial(argv[2], (uint16_t)strtoul(argv[3], NULL, 10));
    if (fd < 0 || !send_all(fd, story.bytes, story.peers_end)) {
        fprintf(stderr, "bmp_feed: cannot call %s: %s\n", argv[2], strerror(errno));
        return 3;
    }
    printf("{\"event\":\"up\"}\n");
    bool good = step(fd, story.bytes + story.peers_end, story.size - story.peers_end);
    while (good && getchar() != EOF)
        ;
    close(fd);
    feed_output_done(&output);
    free(story.bytes);
    return good ? 0 : 3;
}
