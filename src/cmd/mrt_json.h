// SPDX-License-Identifier: ISC
// Routes of an MRT archive as JSON, one object a line, in the form that fairlead.8 promises. What
// RFC 7606 says of the attributes is the verdict of bgp/, the same that a session would give.
#pragma once

#include "mrt/item.h"
#include "mrt/line.h"

struct mrt_json;

struct mrt_json *mrt_json_new(mrt_lines_take *take, void *user);  // NULL without memory
void mrt_json_free(struct mrt_json *json);

// Writes an object for each route of an item, and for a change of state. Entries of a RIB are read
// here, and the item may turn out to be bad.
void mrt_json_write(struct mrt_json *json, const struct mrt_record *record, struct mrt_item *item);
void mrt_json_flush(struct mrt_json *json);
