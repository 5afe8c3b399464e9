// SPDX-License-Identifier: ISC
#include "audit/chain.h"

#include <assert.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

static void digest_text(struct sha256_ctx *context, char *text)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

void audit_digest(const void *bytes, size_t size, char *text)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, size, bytes);
    digest_text(&context, text);
}

void audit_hash(const char *hash, const char *rest, size_t size, char *text)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, AUDIT_HASH_TEXT - 1, (const uint8_t *)hash);
    sha256_update(&context, size, (const uint8_t *)rest);
    digest_text(&context, text);
}

void audit_chain_init(struct audit_chain *chain)
{
    chain->number = 0;
    memset(chain->hash, '0', AUDIT_HASH_TEXT - 1);
    chain->hash[AUDIT_HASH_TEXT - 1] = '\0';
}

size_t audit_chain_seal(struct audit_chain *chain, const char *body, size_t size, char *line)
{
    enum { HEAD = 9 + AUDIT_HASH_TEXT - 1 + 2 };  // {"hash":"...",
    assert(size <= AUDIT_BODY_MAX);
    int number =
        snprintf(line + HEAD, AUDIT_LINE_MAX - HEAD, "\"number\":%" PRIu64 ",", chain->number + 1);
    size_t end = HEAD + (size_t)number;
    memcpy(line + end, body, size);
    end += size;
    line[end++] = '}';
    char hash[AUDIT_HASH_TEXT];
    audit_hash(chain->hash, line + HEAD, end - HEAD, hash);
    memcpy(line, "{\"hash\":\"", 9);
    memcpy(line + 9, hash, AUDIT_HASH_TEXT - 1);
    memcpy(line + HEAD - 2, "\",", 2);
    line[end++] = '\n';
    memcpy(chain->hash, hash, sizeof hash);
    chain->number++;
    return end;
}
