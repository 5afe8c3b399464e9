// SPDX-License-Identifier: ISC
#include "net/check_inside.h"

void check_status_page(const struct check *c)
{
    if (c->sound && c->net->status_page.directory[0] && !c->net->store.path[0])
        net_errors_add(c->errors, NET_ERROR, line_in(c, "status_page", "directory"),
                       "status_page.directory needs 'store.file': the process that keeps what is "
                       "told writes both");
}
