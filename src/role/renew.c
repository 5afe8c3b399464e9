// SPDX-License-Identifier: ISC
#include "role/renew.h"

#include "role/audited.h"
#include "role/certificate.h"
#include "role/channel.h"

#include <errno.h>
#include <string.h>

static const struct renewal {
    enum event_role role;
    const char *who, *key;  // of the configuration
    struct certificate_files (*files)(const struct net *net);
} renewals[] = {
    {ROLE_WEB, "the dashboard", "access.tls_key", certificate_of_web},
    {ROLE_INGEST, "syslog over TLS", "syslog.tls_key", certificate_of_syslog},
};

enum { RENEWALS = sizeof renewals / sizeof renewals[0] };

// Left as it was: its role goes on with the one that it has.
static void keep(struct daemon *d, const struct renewal *renewal, const char *why)
{
    teller_say(&d->teller, d->now, "the certificate of %s stays as it was: %s", renewal->who, why);
}

static void hand_over(struct daemon *d, const struct renewal *renewal, const struct certificate *c)
{
    size_t size = 0;
    char *text = certificate_write(c, &size);
    int error = text ? channel_send_text(d->children[renewal->role].channel, text, size) : -ENOMEM;
    certificate_wipe(text, size);
    if (error) {
        keep(d, renewal, strerror(-error));
        return;
    }
    d->children[renewal->role].has_renewed = true;
    teller_say(&d->teller, d->now, "%s goes on with the certificate that is now in '%s'",
               renewal->who, renewal->files(d->net).certificate);
}

static void renew(struct daemon *d, const struct renewal *renewal)
{
    const struct certificate_files files = renewal->files(d->net);
    const struct secret_use use = {renewal->key, files.key, renewal->role};
    struct certificate certificate;
    char why[ROLE_ERROR_MAX];
    if (d->children[renewal->role].channel < 0)
        keep(d, renewal, "its process does not run");
    else if (!certificate_read(&files, &certificate, why))
        keep(d, renewal, why);
    else {
        audited_secret(d, &use);
        hand_over(d, renewal, &certificate);
        certificate_free(&certificate);
    }
}

void renew_certificates(struct daemon *d)
{
    bool any = false;
    for (size_t i = 0; i < RENEWALS; i++) {
        if (!renewals[i].files(d->net).certificate[0])
            continue;
        renew(d, &renewals[i]);
        any = true;
    }
    if (!any)
        teller_say(&d->teller, d->now, "there is no certificate to renew");
}

void renew_for(struct daemon *d, enum event_role role)
{
    for (size_t i = 0; i < RENEWALS; i++)
        if (renewals[i].role == role && d->children[role].has_renewed)
            renew(d, &renewals[i]);
}
