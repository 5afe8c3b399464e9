// SPDX-License-Identifier: ISC
// The verbs, one file each: argv[0] is the verb; each gives the exit status.
#pragma once

int cmd_ack(int argc, char **argv);
int cmd_agent(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_approve(int argc, char **argv);
int cmd_bmp(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_drain(int argc, char **argv);
int cmd_feed(int argc, char **argv);
int cmd_fib(int argc, char **argv);
int cmd_freeze(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_lift(int argc, char **argv);
int cmd_maintenance(int argc, char **argv);
int cmd_mrt(int argc, char **argv);
int cmd_notices(int argc, char **argv);
int cmd_password(int argc, char **argv);
int cmd_paths(int argc, char **argv);
int cmd_incidents(int argc, char **argv);
int cmd_plans(int argc, char **argv);
int cmd_credits(int argc, char **argv);
int cmd_evidence(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_postmortem(int argc, char **argv);
int cmd_reflect(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_routes(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_rehearse(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_stop(int argc, char **argv);
int cmd_table(int argc, char **argv);
int cmd_thaw(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_undrain(int argc, char **argv);
int cmd_unlift(int argc, char **argv);
int cmd_upstreams(int argc, char **argv);
int cmd_withdraw_all(int argc, char **argv);
int cmd_whatif(int argc, char **argv);
