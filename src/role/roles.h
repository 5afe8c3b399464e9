// SPDX-License-Identifier: ISC
// The processes of `fairlead run`. Each role has two halves: open, called in the parent while it
// still has its privileges, gets every socket that needs them and says what failed; run, called in
// the child after they are dropped, loops until the engine's channel closes or SIGTERM comes, then
// tidies up and gives the exit status.
#pragma once

#include "net/net.h"

enum { ROLE_ERROR_MAX = 256 };

struct probe_role;   // raw and UDP probe sockets
struct route_role;   // BGP sockets
struct ingest_role;  // counters of servers by UDP and HTTP
struct hook_role;    // nothing: it runs programs
struct web_role;     // the status page
struct audit_role;   // the file of the audit log
struct notify_role;  // the files of pages that wait; it calls out
struct store_role;   // nothing: it opens its file itself
struct shell_role;   // a key: it calls devices by SSH

// Whether there is to be a page: one is configured, or a listening socket was passed to us.
bool web_role_wanted(const struct net *net);
// Whether servers may tell what they see.
bool ingest_role_wanted(const struct net *net);
// Whether there is to be an audit log.
bool audit_role_wanted(const struct net *net);
// Whether what is told is to be kept.
bool store_role_wanted(const struct net *net);
// Whether devices are asked over SSH.
bool shell_role_wanted(const struct net *net);

// Whether anybody is to be paged.
bool notify_role_wanted(const struct net *net);
// Whether it runs programs to page them.
bool notify_role_runs_programs(const struct net *net);
// Whether any program is configured.
bool hook_role_wanted(const struct net *net);

// NULL on failure; `why` (ROLE_ERROR_MAX bytes) says what failed, why, and what would help.
struct probe_role *probe_role_open(const struct net *net, char *why);
struct route_role *route_role_open(const struct net *net, char *why);
struct ingest_role *ingest_role_open(const struct net *net, char *why);
struct hook_role *hook_role_open(const struct net *net, char *why);
struct web_role *web_role_open(const struct net *net, char *why);
struct audit_role *audit_role_open(const struct net *net, char *why);
struct notify_role *notify_role_open(const struct net *net, char *why);
struct store_role *store_role_open(const struct net *net, char *why);
struct shell_role *shell_role_open(const struct net *net, char *why);

// The parent's end of the pair over which it takes people's questions; the caller's from then on.
int route_role_take_handover(struct route_role *role);
int store_role_take_handover(struct store_role *role);

int probe_role_run(struct probe_role *role, int channel);
int route_role_run(struct route_role *role, int channel);
int ingest_role_run(struct ingest_role *role, int channel);
int hook_role_run(struct hook_role *role, int channel);
int web_role_run(struct web_role *role, int channel);
int audit_role_run(struct audit_role *role, int channel);
int notify_role_run(struct notify_role *role, int channel);
int store_role_run(struct store_role *role, int channel);
int shell_role_run(struct shell_role *role, int channel);

// In the parent, after the fork: closes the parent's copies of the descriptors.
void probe_role_close(struct probe_role *role);
void route_role_close(struct route_role *role);
void ingest_role_close(struct ingest_role *role);
void hook_role_close(struct hook_role *role);
void web_role_close(struct web_role *role);
void audit_role_close(struct audit_role *role);
void notify_role_close(struct notify_role *role);
void store_role_close(struct store_role *role);
void shell_role_close(struct shell_role *role);
