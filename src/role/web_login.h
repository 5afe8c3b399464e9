// SPDX-License-Identifier: ISC
// Who a request is from. The one place where a request's person and rights come in.
#pragma once

#include "role/web_answer.h"
#include "web/person.h"

// Whoever reaches the server, which is on loopback, may read; nobody has said who they are.
struct web_person web_person_of(const struct web_request *request);
// Who one is: {"name":"","rights":["read"],"csrf":"","login":"none"}.
struct web_answer web_session_answer(const struct web_person *person);
