// SPDX-License-Identifier: ISC
#include "web/credential.h"

#include "web/hex.h"

#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <string.h>
#include <strings.h>

bool web_cookie_find(const char *header, const char *name, char *value, size_t size)
{
    size_t name_size = strlen(name), found = 0;
    while (*header) {
        header += strspn(header, " \t");
        size_t length = strcspn(header, ";");
        if (length > name_size && strncmp(header, name, name_size) == 0 &&
            header[name_size] == '=') {
            size_t value_size = length - name_size - 1;
            if (++found > 1 || value_size >= size)
                return false;
            memcpy(value, header + name_size + 1, value_size);
            value[value_size] = '\0';
        }
        header += length;
        header += *header == ';';
    }
    return found == 1;
}

const char *web_bearer(const char *header)
{
    static const char scheme[] = "Bearer ";
    if (strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return NULL;
    header += sizeof scheme - 1;
    return header + strspn(header, " ");
}

uint32_t web_token_find(const struct net_access *access, const char *token, struct wall now)
{
    uint8_t given[SHA256_DIGEST_SIZE], known[SHA256_DIGEST_SIZE] = {0};
    uint32_t found = NET_NOBODY;
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, strlen(token), (const uint8_t *)token);
    sha256_digest(&context, sizeof given, given);
    for (uint32_t i = 0; i < access->token_count; i++) {
        bool good = web_hex_read(access->tokens[i].sha256, known, sizeof known);
        bool same = memeql_sec(given, known, sizeof known);
        if (good && same && now.ns / NS_PER_S < access->tokens[i].until_s)
            found = i;
    }
    return found;
}

bool web_origin_is(const char *origin, const char *host)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strncmp(origin, schemes[i], strlen(schemes[i])) == 0 &&
            strcasecmp(origin + strlen(schemes[i]), host) == 0)
            return true;
    return false;
}
