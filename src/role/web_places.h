// SPDX-License-Identifier: ISC
// What each place answers, and to whom.
#pragma once

#include "role/web_answer.h"
#include "role/web_http.h"

struct web_answer web_places_answer(struct web_http *http, const struct web_request *request);
