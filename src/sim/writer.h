// SPDX-License-Identifier: ISC
// The route process in small: the table as the routers' sessions tell it, and around it the real
// orders, gate and ledger; UPDATEs out.
#pragma once

#include "sim/world.h"

struct sim_message;

void sim_writer_learn(struct sim_world *w, const struct sim_message *message);
void sim_writer_complete(struct sim_world *w, const struct sim_message *message);
// Orders wait for each other, and are carried out when all of a moment have come.
void sim_writer_order(struct sim_world *w, const struct sim_message *message);
void sim_writer_carry_out(struct sim_world *w, uint8_t site, uint8_t controller);
void sim_writer_tick(struct sim_world *w, uint8_t site, uint8_t controller);
void sim_writer_session_up(struct sim_world *w, uint8_t site, uint8_t controller, uint8_t router);
void sim_writer_session_down(struct sim_world *w, uint8_t site, uint8_t controller, uint8_t router);
// Before a new life: knows nothing, says nothing.
void sim_writer_forget(struct sim_controller *ctl, const struct net *net);
// An engine's effect as a message.
void sim_writer_send_order(struct sim_world *w, uint8_t site, uint8_t controller,
                           const struct effect *effect);
// One that was not sent, and why.
void sim_writer_refuse(struct sim_world *w, uint8_t site, uint8_t controller,
                       const struct effect *effect, const char *why);
// The path that the world's routers have to the prefix by the upstream, as octets of AS_PATH; gives
// the size.
uint16_t sim_as_path(uint8_t site, uint8_t upstream, uint8_t prefix, uint8_t length,
                     uint8_t *octets);
