// SPDX-License-Identifier: ISC
#include "role/web_tls.h"

#include "role/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_BYTES_MAX = 64 * 1024 };  // a chain of a dozen certificates

static bool refuse(const char *path, const char *what, char *why)
{
    snprintf(why, ROLE_ERROR_MAX, "cannot speak TLS with '%s': %s", path, what);
    return false;
}

static bool read_whole(int fd, const char *path, char **text, char *why)
{
    size_t size = 0;
    char *room = calloc(1, PEM_BYTES_MAX);
    if (!room)
        return refuse(path, "out of memory", why);
    *text = room;
    for (ssize_t got; (got = read(fd, room + size, PEM_BYTES_MAX - 1 - size)) != 0;) {
        if (got < 0)
            return refuse(path, strerror(errno), why);
        size += (size_t)got;
    }
    return size < PEM_BYTES_MAX - 1 || refuse(path, "it is longer than 64 KiB", why);
}

// A group such as ssl-cert may read a key; everybody may not.
static bool read_file(const char *path, bool secret, char **text, char *why)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse(path, strerror(errno), why);
    bool good = false;
    if (fstat(fd, &about) < 0 || !S_ISREG(about.st_mode))
        refuse(path, "it is no ordinary file", why);
    else if (secret && about.st_mode & 07)
        refuse(path, "others may read it: chmod 600", why);
    else
        good = read_whole(fd, path, text, why);
    close(fd);
    return good;
}

// Said now, where somebody looks, and not by each browser.
static bool fit_together(const struct net_access *access, const struct web_tls *tls, char *why)
{
    gnutls_certificate_credentials_t credentials;
    const gnutls_datum_t certificate = {(unsigned char *)tls->certificate,
                                        (unsigned)strlen(tls->certificate)};
    const gnutls_datum_t key = {(unsigned char *)tls->key, (unsigned)strlen(tls->key)};
    if (gnutls_certificate_allocate_credentials(&credentials) < 0)
        return refuse(access->tls_certificate, "out of memory", why);
    int error =
        gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(credentials);
    return error >= 0 || refuse(access->tls_certificate, gnutls_strerror(error), why);
}

bool web_tls_read(const struct net_access *access, struct web_tls *tls, char *why)
{
    *tls = (struct web_tls){0};
    if (!access->tls_certificate[0])
        return true;
    if (read_file(access->tls_certificate, false, &tls->certificate, why) &&
        read_file(access->tls_key, true, &tls->key, why) && fit_together(access, tls, why))
        return true;
    web_tls_free(tls);
    return false;
}

// The mark, CERTIFICATE, a zero, KEY, a zero.
char *web_tls_write(const struct web_tls *tls, size_t *size)
{
    size_t certificate = strlen(tls->certificate) + 1, key = strlen(tls->key) + 1;
    *size = 1 + certificate + key;
    char *text = malloc(*size);
    if (!text)
        return NULL;
    text[0] = WEB_TLS_MARK;
    memcpy(text + 1, tls->certificate, certificate);
    memcpy(text + 1 + certificate, tls->key, key);
    return text;
}

bool web_tls_take(const char *text, size_t size, struct web_tls *tls)
{
    if (size < 2 || text[0] != WEB_TLS_MARK || text[size - 1] != '\0')
        return false;
    const char *certificate = text + 1;
    size_t certificate_size = strlen(certificate) + 1;
    if (1 + certificate_size >= size || certificate_size > PEM_BYTES_MAX ||
        size - 1 - certificate_size > PEM_BYTES_MAX)
        return false;
    *tls = (struct web_tls){calloc(1, PEM_BYTES_MAX), calloc(1, PEM_BYTES_MAX)};
    if (!tls->certificate || !tls->key) {
        web_tls_free(tls);
        return false;
    }
    memcpy(tls->certificate, certificate, certificate_size);
    memcpy(tls->key, certificate + certificate_size, size - 1 - certificate_size);
    return true;
}

void web_tls_wipe(char *text, size_t size)
{
    if (text)
        explicit_bzero(text, size);
    free(text);
}

void web_tls_free(struct web_tls *tls)
{
    if (tls->key)
        explicit_bzero(tls->key, PEM_BYTES_MAX);
    free(tls->certificate);
    free(tls->key);
    *tls = (struct web_tls){0};
}
