// SPDX-License-Identifier: ISC
#include "role/password.h"

#include <assert.h>
#include <crypt.h>
#include <nettle/base64.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { COST = 6, RANDOM_BYTES = 32 };  // crypt_gensalt(3): the least that "$7$" has

static const char method[] = "$7$";
// Of a password that nobody has: 256 random bits that were thrown away.
static const char nobodys[] =
    "$7$BU..../....zm6I0iVqRNfXuQS1BQ6Y6.$q4K0bohm3G/xB8BtF1vwaNpvYzTtIBfYTIrJ6jgHir.";

static_assert((int)PASSWORD_HASH_MAX >= (int)CRYPT_OUTPUT_SIZE, "a hash has room");

// The hash of `password` as `setting` says; what crypt(3) worked with is wiped.
static bool hash_as(const char *password, const char *setting, char *hash)
{
    struct crypt_data *data = calloc(1, sizeof *data);
    const char *made = data ? crypt_r(password, setting, data) : NULL;
    bool good = made && made[0] != '*';
    if (good)
        snprintf(hash, PASSWORD_HASH_MAX, "%s", made);
    if (data)
        explicit_bzero(data, sizeof *data);
    free(data);
    return good;
}

bool password_hash(const char *password, char *hash)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    return crypt_gensalt_rn(method, COST, NULL, 0, setting, sizeof setting) &&
           hash_as(password, setting, hash);
}

bool password_is(const char *password, const char *hash)
{
    char made[PASSWORD_HASH_MAX] = "";
    bool good = hash_as(password, hash ? hash : nobodys, made);
    size_t size = strlen(made);
    return good && hash && strlen(hash) == size && memeql_sec(made, hash, size);
}

bool token_make(char *token, char *digest)
{
    uint8_t bytes[RANDOM_BYTES], sum[SHA256_DIGEST_SIZE];
    struct base64_encode_ctx context;
    struct sha256_ctx sha256;
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    strcpy(token, "fl_");
    base64url_encode_init(&context);
    size_t size = 3 + base64_encode_update(&context, token + 3, sizeof bytes, bytes);
    size += base64_encode_final(&context, token + size);
    while (token[size - 1] == '=')
        size--;
    token[size] = '\0';
    sha256_init(&sha256);
    sha256_update(&sha256, size, (const uint8_t *)token);
    sha256_digest(&sha256, sizeof sum, sum);
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(digest + 2 * i, 3, "%02x", sum[i]);
    return true;
}
