// SPDX-License-Identifier: ISC
// A request as the question that the command line would ask: the same line of engine/ask.h. What a
// question may hold is decided there; nothing here knows of fields.
#pragma once

#include "engine/ask.h"
#include "engine/message.h"
#include "web/caller.h"
#include "web/place.h"

struct web_question {
    char line[ASK_LINE_MAX];  // with its newline
    size_t size;
    char request_id[WEB_REQUEST_ID_MAX];  // "": none
};

enum { WEB_WHY_MAX = MESSAGE_WHY_MAX + 32 };

// Makes it of a request for this place, which is a question. False: it is none; `why` (WEB_WHY_MAX
// bytes) says so.
bool web_question_make(const struct web_place *place, const struct web_request *request,
                       struct web_question *question, char *why);
