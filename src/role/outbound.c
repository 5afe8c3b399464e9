// SPDX-License-Identifier: ISC
#include "role/outbound.h"

// Names are looked up by a thread of libcurl's; QUICK_EXIT: one that hangs is not waited for.
CURL *outbound_new(const char *url, const char *authorities, char *error, void *context)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return NULL;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, context);
    if (authorities[0])
        curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
    error[0] = '\0';
    return easy;
}
