// SPDX-License-Identifier: ISC
// Who a request is from, and how one logs in. The one place where a request's person and rights
// come in. What happens here is logged, without secrets.
#pragma once

#include "net/net.h"
#include "role/web_answer.h"
#include "web/person.h"

struct web_login;

// NULL when memory is out, or the kernel gives no random bytes. `secure`: the server speaks TLS.
// Who comes and goes is told to the engine's process over `channel`; -1: to nobody.
struct web_login *web_login_new(const struct net *net, bool secure, int channel);
void web_login_free(struct web_login *login);

// Where nobody is configured, whoever reaches the server, which is on loopback, may read. A request
// counts, so it is asked for once.
struct web_person web_person_of(struct web_login *login, const struct web_request *request,
                                struct mono now);
// Whether that person would still be let in.
bool web_login_holds(const struct web_pass *pass, struct mono now);
// Why that person may not do what takes these rights.
struct web_answer web_login_refuse(const struct web_person *person, uint32_t rights);

// Who one is: {"name":"anna","rights":["read"],"asleep":["act"],"csrf":"4f..","login":
// "password","act_s":0}. `asleep`: rights that the next login wakes; `act_s`: how long they stay
// awake.
struct web_answer web_session_answer(const struct web_login *login, const struct web_person *person,
                                     struct mono now);
// {"name":"anna","password":"..."} of a page of ours; answers as web_session_answer().
struct web_answer web_login_answer(struct web_login *login, const struct web_request *request,
                                   struct mono now);
struct web_answer web_logout_answer(struct web_login *login, const struct web_person *person,
                                    const struct address *from, struct mono now);
