// SPDX-License-Identifier: ISC
// What is behind a link in a page (web/link.h): GET asks, POST has the engine acknowledge.
#pragma once

#include "role/web_answer.h"
#include "role/web_http.h"

struct web_answer web_ack_ask(const struct web_http *http, const struct web_request *request);
struct web_answer web_ack_do(struct web_http *http, const struct web_request *request);
// What the engine said to it.
struct web_answer web_ack_said(const struct web_asked *asked);
