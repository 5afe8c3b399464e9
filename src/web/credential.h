// SPDX-License-Identifier: ISC
// What a request brings to say who it is from: a cookie of a browser, a token of a machine. Their
// headers are strangers'.
#pragma once

#include "base/clock.h"
#include "net/net.h"

#include <stdbool.h>
#include <stddef.h>

// The value of the cookie of that name (RFC 6265 §5.4), into `value` (`size` bytes). False when
// there is none, it does not fit, or there are two: then somebody else set one.
bool web_cookie_find(const char *header, const char *name, char *value, size_t size);

// Behind "Bearer " (RFC 6750 §2.1); NULL: the header is another.
const char *web_bearer(const char *header);

// Whose token it is; NET_NOBODY: nobody's, or its time is over. Takes as long for each.
uint32_t web_token_find(const struct net_access *access, const char *token, struct wall now);

// Whether a page that posts is one of ours: its origin names the host that it asks (RFC 6454).
bool web_origin_is(const char *origin, const char *host);
