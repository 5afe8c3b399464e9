// SPDX-License-Identifier: ISC
// A certificate and its key, with which a role speaks TLS: read while the parent still may, and,
// when they were renewed, read again and sent to the role over its channel.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct net;
struct gnutls_certificate_credentials_st;

struct certificate_files {
    const char *certificate, *key;  // "": no TLS
    const char *authorities;        // who signs those of the other side; "": none is asked for
};

struct certificate {
    char *chain, *key, *authorities;  // PEM; NULL: there is none
};

struct certificate_wrong {
    bool is_authorities;  // else certificate or key
    const char *what;     // lasts
};

// The dashboard's, and that of syslog over TLS.
struct certificate_files certificate_of_web(const struct net *net);
struct certificate_files certificate_of_syslog(const struct net *net);

// False: `why` (ROLE_ERROR_MAX bytes) says what is wrong with them.
bool certificate_read(const struct certificate_files *files, struct certificate *certificate,
                      char *why);
void certificate_free(struct certificate *certificate);

// As the library takes it; given back by gnutls_certificate_free_credentials(). NULL: see `wrong`.
struct gnutls_certificate_credentials_st *certificate_load(const struct certificate *certificate,
                                                           struct certificate_wrong *wrong);

// From the engine's process to the role's: as one text, which begins so, and back. It is given back
// by certificate_wipe(); NULL: out of memory.
enum {
    CERTIFICATE_MARK = 't',
    CERTIFICATE_PEM_MAX = 64 * 1024,  // bytes of each of the three: a chain of a dozen certificates
    CERTIFICATE_TEXT_MAX = 1 + 3 * CERTIFICATE_PEM_MAX,
};
char *certificate_write(const struct certificate *certificate, size_t *size);
bool certificate_take(const char *text, size_t size, struct certificate *certificate);
void certificate_wipe(char *text, size_t size);
