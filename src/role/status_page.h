// SPDX-License-Identifier: ISC
// The status page, made from status_page.html by tools/embed_page.py.
#pragma once

#include <stddef.h>

extern const unsigned char status_page[];
extern const size_t status_page_size;
extern const char status_page_policy[];  // the Content-Security-Policy that goes with it
