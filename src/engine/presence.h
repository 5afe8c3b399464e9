// SPDX-License-Identifier: ISC
// Who is there: sessions, roles, leases, and letting go when somebody is not. Part of the engine;
// see state.h.
#pragma once

#include "engine/decide.h"
#include "engine/event.h"

struct session {
    bool up, complete[FAMILIES];
};

struct presence {
    enum event_role_state state;
    struct mono since;
};

struct engine;

void presence_session(struct engine *e, const struct event_session *session);
void presence_role(struct engine *e, const struct event_role_change *change);
void presence_command(struct engine *e, enum event_command command);
// A freeze of a life before: it stands until somebody thaws, as every freeze.
void presence_frozen_before(struct engine *e, const struct event_frozen *frozen);
void presence_advance(struct engine *e, bool tick);
// It was stopped, and its timer has not fired since: what it reads now waited meanwhile.
bool presence_just_awake(const struct engine *e);
// All overrides go, now; then nothing is done for the quiet time.
void presence_release(struct engine *e, const char *reason);
// REFUSAL_NONE when all that an act in this family needs is there; otherwise `subject` may name a
// router.
enum refusal presence_refusal(const struct engine *e, enum family family, uint32_t *subject);
