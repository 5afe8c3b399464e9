// SPDX-License-Identifier: ISC
// Any header says whom it is from, or nobody: what is found lies inside it, and nobody is found who
// was not let in.
#include "web/credential.h"
#include "web/hex.h"
#include "web/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_id(const char *id)
{
    static struct web_sessions sessions;
    uint8_t secret[WEB_SECRET_BYTES];
    char text[WEB_SECRET_TEXT_MAX];
    assert(!web_session_find(&sessions, id, (struct mono){0}));
    if (!web_hex_read(id, secret, sizeof secret))
        return;
    web_hex_write(secret, sizeof secret, text);
    assert(strcasecmp(text, id) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct net_access access = {.token_count = 1, .tokens = {{.until_s = INT64_MAX}}};
    char value[WEB_SECRET_TEXT_MAX], *header = malloc(size + 1);
    memcpy(header, bytes, size);
    header[size] = '\0';
    if (web_cookie_find(header, "fairlead", value, sizeof value)) {
        assert(strlen(value) < sizeof value && !strchr(value, ';') && strstr(header, value));
        check_id(value);
    }
    check_id(header);
    const char *token = web_bearer(header);
    assert(!token || (token >= header && token <= header + strlen(header)));
    assert(web_token_find(&access, token ? token : header, (struct wall){0}) == NET_NOBODY);
    (void)web_origin_is(header, "127.0.0.1:8470");
    free(header);
    return 0;
}
