// SPDX-License-Identifier: ISC
#include "role/link_secret.h"

#include "role/roles.h"
#include "role/secret.h"

#include <stdio.h>
#include <string.h>

bool link_secret_read(const struct net_access *access, char secret[WEB_LINK_SECRET_MAX], char *why)
{
    secret[0] = '\0';
    if (!access->link_secret[0])
        return true;
    if (!secret_read(access->link_secret, secret, WEB_LINK_SECRET_MAX, why))
        return false;
    if (strlen(secret) >= WEB_LINK_SECRET_MIN)
        return true;
    snprintf(why, ROLE_ERROR_MAX,
             "cannot use the secret in '%s': it has %zu characters: write %d or more",
             access->link_secret, strlen(secret), WEB_LINK_SECRET_MIN);
    return false;
}
