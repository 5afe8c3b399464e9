// SPDX-License-Identifier: ISC
// Into the audit log; and acts out of it, once they are recorded.
#pragma once

#include "role/daemon.h"
#include "role/secret_list.h"
#include "web/entry.h"

void audited_start(struct daemon *d);
void audited_stop(struct daemon *d);
void audited_secret(struct daemon *d, const struct secret_use *use);  // it was read
void audited_entry(struct daemon *d, const struct web_entry *entry);  // over the web
void audited_event(struct daemon *d, const struct event *event);
// False: it waits for its record, and is carried out later.
bool audited_effect(struct daemon *d, const struct effect *effect);
void audited_turn(struct daemon *d);
