// SPDX-License-Identifier: ISC
// Who asks something over the web, as its process tells the engine's, one line beside each
// connection that it hands on:
//   {"name":"anna","rights":["read","ack"],"request_id":"7f3a"}
// The engine believes no more of it than the configuration allows that name.
#pragma once

#include "net/net.h"
#include "net/rights.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    WEB_CALLER_BYTES_MAX = 512,
    WEB_REQUEST_ID_MAX = 65,  // bytes with the final zero: a UUID, or 256 bits in hexadecimal
};

struct web_caller {
    char name[NET_NAME_MAX];              // "": nobody has said
    uint32_t rights;                      // RIGHT_*
    char request_id[WEB_REQUEST_ID_MAX];  // an act that is asked for twice is done once; "": none
};

// Their names in an array, to be given back; NULL: memory is out.
json_t *web_rights_json(uint32_t rights);
// Letters, digits, '-' and '_', and not too many.
bool web_request_id_is_good(const char *id);
// Gives the length written; 0 when it does not fit, or memory is out.
size_t web_caller_write(const struct web_caller *caller, char *text, size_t size);
// False: it is none.
bool web_caller_read(const char *text, size_t size, struct web_caller *caller);
