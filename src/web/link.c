// SPDX-License-Identifier: ISC
#include "web/link.h"

#include "web/hex.h"

#include <inttypes.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <stdio.h>
#include <string.h>

enum { SIGN_BYTES = 16, SAID_MAX = 192 };

static void sign(const struct web_link *link, struct web_link_key key, uint8_t bytes[SIGN_BYTES])
{
    char said[SAID_MAX];
    struct hmac_sha256_ctx context;
    // No part can hold a space: nothing said one way can be read another way.
    int size = snprintf(said, sizeof said, "fairlead-ack-1 %s %u %" PRId64 " %s %" PRId64, key.site,
                        link->outage, link->run_s, link->person, link->until_s);
    hmac_sha256_set_key(&context, strlen(key.secret), (const uint8_t *)key.secret);
    hmac_sha256_update(&context, (size_t)size, (const uint8_t *)said);
    hmac_sha256_digest(&context, SIGN_BYTES, bytes);
}

void web_link_write(const struct web_link *link, struct web_link_key key, char *text)
{
    uint8_t bytes[SIGN_BYTES];
    char hex[2 * SIGN_BYTES + 1];
    sign(link, key, bytes);
    web_hex_write(bytes, sizeof bytes, hex);
    snprintf(text, WEB_LINK_TEXT_MAX,
             WEB_LINK_PATH "?outage=%u&run=%" PRId64 "&person=%s&until=%" PRId64 "&sign=%s",
             link->outage, link->run_s, link->person, link->until_s, hex);
}

// Just digits, few enough for any int64_t.
static bool read_number(const struct web_request *request, const char *name, int64_t max,
                        int64_t *number)
{
    enum { DIGITS_MAX = 18 };
    const char *text = web_request_argument(request, name);
    size_t size = text ? strspn(text, "0123456789") : 0;
    if (size == 0 || size > DIGITS_MAX || text[size] != '\0')
        return false;
    *number = 0;
    for (size_t i = 0; i < size; i++)
        *number = *number * 10 + (text[i] - '0');
    return *number <= max;
}

static bool read_name(const struct web_request *request, char name[NET_NAME_MAX])
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *text = web_request_argument(request, "person");
    size_t size = text ? strlen(text) : 0;
    if (size == 0 || size >= NET_NAME_MAX || strspn(text, allowed) != size)
        return false;
    memcpy(name, text, size + 1);
    return true;
}

enum web_link_fault web_link_read(const struct web_request *request, struct web_link_key key,
                                  int64_t now_s, struct web_link *link)
{
    uint8_t given[SIGN_BYTES], right[SIGN_BYTES];
    const char *hex = web_request_argument(request, "sign");
    struct web_link read = {0};
    int64_t outage = 0;
    if (!hex || !web_hex_read(hex, given, sizeof given) ||
        !read_number(request, "outage", UINT32_MAX, &outage) ||
        !read_number(request, "run", INT64_MAX, &read.run_s) ||
        !read_number(request, "until", INT64_MAX, &read.until_s) ||
        !read_name(request, read.person))
        return WEB_LINK_FORGED;
    read.outage = (uint32_t)outage;
    sign(&read, key, right);
    if (!memeql_sec(given, right, sizeof right))
        return WEB_LINK_FORGED;
    *link = read;
    return now_s < link->until_s ? WEB_LINK_GOOD : WEB_LINK_OLD;
}
