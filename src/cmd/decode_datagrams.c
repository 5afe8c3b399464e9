// SPDX-License-Identifier: ISC
#include "cmd/decode_datagrams.h"

#include <errno.h>
#include <string.h>

void decode_set_refusal(json_t *object, const struct decode_refusal *refusal)
{
    json_object_set_new(object, "verdict", json_string(refusal->verdict));
    json_object_set_new(object, "reason", json_string(refusal->reason));
    json_object_set_new(object, "spec", json_string(refusal->spec));
    json_object_set_new(object, "at", json_integer((json_int_t)refusal->at));
}

static void decode_line(json_t *object, struct cursor bytes, const void *settings)
{
    const struct decode_datagrams *protocol = settings;
    protocol->message(object, bytes, NULL, protocol->settings);
}

static void refuse_line(json_t *object, const char *reason)
{
    json_object_set_new(object, "verdict", json_string("ignore"));
    json_object_set_new(object, "reason", json_string(reason));
}

struct capture {
    const struct decode_datagrams *protocol;
    json_int_t number;  // of the packet in the file
    uint64_t decoded;
    int status;
};

static bool hear_packet(void *context, enum packet_kind kind, const struct packet *packet,
                        const struct timeval *time)
{
    struct capture *c = context;
    c->number++;
    if (kind != c->protocol->kind || !c->protocol->is_mine(packet, c->protocol->settings))
        return true;
    json_t *object = json_object();
    json_object_set_new(object, "packet", json_integer(c->number));
    json_object_set_new(object, "from", decode_end_json(&packet->source));
    json_object_set_new(object, "to", decode_end_json(&packet->destination));
    json_object_set_new(object, "time", decode_time_json(time));
    json_object_set_new(object, "ttl", json_integer(packet->ttl));
    json_object_set_new(object, "dscp", json_integer(packet->traffic_class >> 2));
    c->protocol->message(object, packet->data, packet, c->protocol->settings);
    c->decoded++;
    c->status = decode_print(object) ? 0 : 3;
    return c->status == 0;
}

static int decode_file(const char *path, const struct decode_datagrams *protocol)
{
    struct capture c = {.protocol = protocol};
    struct pcap_visit visit = {.each = hear_packet, .context = &c};
    FILE *in = decode_open(path);
    if (!in)
        return 3;
    if (!decode_is_capture(in)) {
        fprintf(stderr, "fairlead: '%s' is no capture: --hex reads lines of hexadecimal\n",
                path ? path : "standard input");
        fclose(in);
        return 3;
    }
    int status = decode_pcap_walk(in, &visit);
    decode_pcap_say_passed_over(&visit);
    if (c.decoded == 0 && status == 0 && c.status == 0)
        fprintf(stderr, "fairlead: no %s in this capture\n", protocol->name);
    if (c.status == 0 && fflush(stdout) != 0) {
        fprintf(stderr, "fairlead: cannot write: %s\n", strerror(errno));
        return 3;
    }
    return c.status != 0 ? c.status : status;
}

int decode_datagrams(const char *path, bool hex, const struct decode_datagrams *protocol)
{
    const struct decode_form form = {decode_line, refuse_line, protocol};
    return hex ? decode_hex_lines(path, &form) : decode_file(path, protocol);
}
