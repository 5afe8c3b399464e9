// SPDX-License-Identifier: ISC
// A request of ours to somebody else's server, by libcurl: what all of them have, so that none of
// them can hold up the process that makes it.
#pragma once

#include <curl/curl.h>

// NULL: out of memory. `error` is CURL_ERROR_SIZE bytes that live as long as the handle;
// `authorities` is a file, or "": those of the system. CURLOPT_PRIVATE is `context`.
CURL *outbound_new(const char *url, const char *authorities, char *error, void *context);
