// SPDX-License-Identifier: ISC
#include "role/certificate.h"

#include "net/net.h"
#include "role/roles.h"
#include "role/secret.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct certificate_files certificate_of_web(const struct net *net)
{
    return (struct certificate_files){net->access.tls_certificate, net->access.tls_key,
                                      net->access.tls_authorities};
}

struct certificate_files certificate_of_syslog(const struct net *net)
{
    return (struct certificate_files){net->syslog.tls_certificate, net->syslog.tls_key,
                                      net->syslog.tls_authorities};
}

static const char cannot[] = "speak TLS with";

static bool refuse(const char *path, const char *what, char *why)
{
    snprintf(why, ROLE_ERROR_MAX, "cannot %s '%s': %s", cannot, path, what);
    return false;
}

static bool read_file(const char *path, mode_t refused, char **text, char *why)
{
    const struct secret_file file = {path, cannot, refused};
    *text = calloc(1, CERTIFICATE_PEM_MAX);
    return *text ? secret_read_whole(&file, *text, CERTIFICATE_PEM_MAX, why)
                 : refuse(path, "out of memory", why);
}

static gnutls_datum_t datum_of(const char *text)
{
    return (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)};
}

static int load_authorities(const struct certificate *c, gnutls_certificate_credentials_t into)
{
    const gnutls_datum_t authorities = datum_of(c->authorities);
    int count = gnutls_certificate_set_x509_trust_mem(into, &authorities, GNUTLS_X509_FMT_PEM);
    return count == 0 ? GNUTLS_E_NO_CERTIFICATE_FOUND : count;
}

gnutls_certificate_credentials_t certificate_load(const struct certificate *c,
                                                  struct certificate_wrong *wrong)
{
    gnutls_certificate_credentials_t made = NULL;
    const gnutls_datum_t chain = datum_of(c->chain), key = datum_of(c->key);
    int error = gnutls_certificate_allocate_credentials(&made);
    if (error >= 0)
        error = gnutls_certificate_set_x509_key_mem(made, &chain, &key, GNUTLS_X509_FMT_PEM);
    wrong->is_authorities = error >= 0;
    if (error >= 0 && c->authorities)
        error = load_authorities(c, made);
    if (error >= 0)
        return made;
    wrong->what = gnutls_strerror(error);
    if (made)
        gnutls_certificate_free_credentials(made);
    return NULL;
}

// Said now, where somebody looks, and not by each of those who connect.
static bool fit_together(const struct certificate_files *files, const struct certificate *c,
                         char *why)
{
    struct certificate_wrong wrong;
    gnutls_certificate_credentials_t loaded = certificate_load(c, &wrong);
    if (loaded)
        gnutls_certificate_free_credentials(loaded);
    return loaded ||
           refuse(wrong.is_authorities ? files->authorities : files->certificate, wrong.what, why);
}

bool certificate_read(const struct certificate_files *files, struct certificate *c, char *why)
{
    *c = (struct certificate){0};
    if (!files->certificate[0])
        return true;
    // A group such as ssl-cert may read a key; everybody may not.
    if (read_file(files->certificate, 0, &c->chain, why) &&
        read_file(files->key, 07, &c->key, why) &&
        (!files->authorities[0] || read_file(files->authorities, 0, &c->authorities, why)) &&
        fit_together(files, c, why))
        return true;
    certificate_free(c);
    return false;
}

// The mark, and then chain, key and authorities, or "", each with a zero.
char *certificate_write(const struct certificate *c, size_t *size)
{
    const char *const parts[] = {c->chain, c->key, c->authorities ? c->authorities : ""};
    *size = 1;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        *size += strlen(parts[i]) + 1;
    char *text = malloc(*size), *end = text;
    if (!text)
        return NULL;
    *end++ = CERTIFICATE_MARK;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        end = stpcpy(end, parts[i]) + 1;
    return text;
}

// The next part, which is over at the first zero; NULL: there is none, or it is too long.
static char *take_part(const char **at, const char *end)
{
    const char *zero = memchr(*at, '\0', (size_t)(end - *at));
    char *part = zero && zero - *at < CERTIFICATE_PEM_MAX ? calloc(1, CERTIFICATE_PEM_MAX) : NULL;
    if (!part)
        return NULL;
    strcpy(part, *at);
    *at = zero + 1;
    return part;
}

bool certificate_take(const char *text, size_t size, struct certificate *c)
{
    const char *at = text + 1, *end = text + size;
    if (size == 0 || text[0] != CERTIFICATE_MARK)
        return false;
    *c = (struct certificate){0};
    c->chain = take_part(&at, end);
    c->key = c->chain ? take_part(&at, end) : NULL;
    c->authorities = c->key ? take_part(&at, end) : NULL;
    if (!c->authorities || at != end) {
        certificate_free(c);
        return false;
    }
    if (!c->authorities[0]) {
        free(c->authorities);
        c->authorities = NULL;
    }
    return true;
}

void certificate_wipe(char *text, size_t size)
{
    if (text)
        explicit_bzero(text, size);
    free(text);
}

void certificate_free(struct certificate *c)
{
    if (c->key)
        explicit_bzero(c->key, CERTIFICATE_PEM_MAX);
    free(c->chain);
    free(c->key);
    free(c->authorities);
    *c = (struct certificate){0};
}
