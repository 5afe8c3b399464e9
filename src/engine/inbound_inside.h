// SPDX-License-Identifier: ISC
// What comes in, from inside: inbound_judge.c says whether the world may be asked to send less by
// an upstream, inbound.c does it.
#pragma once

#include "engine/inbound.h"

// Something is lost on the path, as detectors or localisation are sure.
bool inbound_is_lossy(const struct engine *e, uint32_t path);
// It has been for a while, and what leaves by it has its way or none.
bool inbound_is_due(const struct engine *e, uint32_t path);
// The furthest that the upstream has a word for, short of withholding; NET_STANCE_NORMAL: none.
enum net_stance inbound_stance(const struct engine *e, uint32_t path);
struct inbound_answer inbound_judge(const struct engine *e, uint32_t path);
// The reason in words, into `text` (DECIDE_REASON_MAX bytes).
void inbound_explain(const struct engine *e, const struct inbound_answer *answer, char *text);
