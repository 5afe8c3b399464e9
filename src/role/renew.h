// SPDX-License-Identifier: ISC
// Certificates that are renewed while we run: read again by the engine's process, which still sees
// files, and sent to the roles that speak TLS with them.
#pragma once

#include "role/daemon.h"

// All that there are. One that is wrong stays as it was, and is told.
void renew_certificates(struct daemon *d);
// The role began anew, with what its files were at our start.
void renew_for(struct daemon *d, enum event_role role);
