// SPDX-License-Identifier: ISC
#include "cmd/decode_pcap.h"

#include <pcap/pcap.h>
#include <string.h>
#include <time.h>

// The first octets say it: of pcap in both orders, with microseconds and nanoseconds, and of
// pcapng.
bool decode_is_capture(FILE *in)
{
    static const uint8_t magics[][4] = {
        {0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d},
        {0x4d, 0x3c, 0xb2, 0xa1}, {0x0a, 0x0d, 0x0d, 0x0a},
    };
    uint8_t bytes[4];
    size_t size = fread(bytes, 1, sizeof bytes, in);
    for (size_t i = size; i > 0; i--)
        ungetc(bytes[i - 1], in);  // glibc takes as many back as it gave
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (size == sizeof bytes && memcmp(bytes, magics[i], sizeof bytes) == 0)
            return true;
    return false;
}

static bool link_is_known(int link)
{
    if (packet_link_is_known(link))
        return true;
    const char *name = pcap_datalink_val_to_name(link);
    fprintf(stderr, "fairlead: cannot read packets of link type %d (%s)\n", link,
            name ? name : "unknown");
    return false;
}

static int walk(pcap_t *pcap, struct pcap_visit *visit)
{
    int link = pcap_datalink(pcap), came;
    struct pcap_pkthdr *header;
    const u_char *bytes;
    if (!link_is_known(link))
        return 3;
    while ((came = pcap_next_ex(pcap, &header, &bytes)) == 1) {
        struct packet packet = {0};
        enum packet_kind kind = packet_read(link, cursor_over(bytes, header->caplen), &packet);
        visit->kinds[kind]++;
        if (!visit->each(visit->context, kind, &packet, &header->ts))
            return 0;
    }
    if (came != PCAP_ERROR)
        return 0;
    fprintf(stderr, "fairlead: cannot read the capture: %s\n", pcap_geterr(pcap));
    return 3;
}

int decode_pcap_walk(FILE *in, struct pcap_visit *visit)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_fopen_offline(in, why);
    if (!pcap) {
        fprintf(stderr, "fairlead: cannot read the capture: %s\n", why);
        fclose(in);
        return 3;
    }
    int status = walk(pcap, visit);
    pcap_close(pcap);
    return status;
}

void decode_pcap_say_passed_over(const struct pcap_visit *visit)
{
    const uint64_t *kinds = visit->kinds;
    if (kinds[PACKET_FRAGMENT] > 0 || kinds[PACKET_CUT] > 0)
        fprintf(stderr,
                "fairlead: passed over %llu IP fragments and %llu packets cut in a header\n",
                (unsigned long long)kinds[PACKET_FRAGMENT], (unsigned long long)kinds[PACKET_CUT]);
}

json_t *decode_time_json(const struct timeval *time)
{
    struct tm utc;
    char text[32];
    time_t seconds = time->tv_sec;
    if (!gmtime_r(&seconds, &utc) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        return json_null();
    return json_sprintf("%s.%06ldZ", text, (long)time->tv_usec % 1000000);
}

json_t *decode_end_json(const struct packet_end *end)
{
    char text[ADDRESS_TEXT_MAX];
    address_format(end->address, text);
    if (end->port == 0)
        return json_string(text);
    return json_sprintf(end->address.family == FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", text, end->port);
}
