// SPDX-License-Identifier: ISC
// The document that describes the places, OpenAPI 3.1: openapi.json, made into C by
// tools/embed_text.py. A test holds it against the table of places, another against real answers.
#pragma once

#include <stddef.h>

extern const unsigned char web_openapi[];
extern const size_t web_openapi_size;
