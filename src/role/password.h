// SPDX-License-Identifier: ISC
// Passwords as crypt(5) hashes them, by scrypt (RFC 7914): 32 MiB and about 0.1 s a try, so that
// who steals the hashes tries few. And tokens, which are random enough to need no such thing.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    PASSWORD_MIN = 12,  // NIST SP 800-63B §3.1.1.2 asks for 8, and 15 where nothing else is asked
    PASSWORD_MAX = 256,
    PASSWORD_HASH_MAX = 384,  // CRYPT_OUTPUT_SIZE
    TOKEN_TEXT_MAX = 48,      // "fl_" and 43 letters and digits, '-' and '_'
    TOKEN_DIGEST_MAX = 65,
};

// With a salt of its own, into PASSWORD_HASH_MAX bytes. False when memory is out.
bool password_hash(const char *password, char *hash);
// Takes as long when there is no such user: `hash` NULL.
bool password_is(const char *password, const char *hash);

// A token, and its SHA-256 in hexadecimal digits, into TOKEN_TEXT_MAX and TOKEN_DIGEST_MAX bytes.
// False when the kernel gives no random bytes.
bool token_make(char *token, char *digest);
