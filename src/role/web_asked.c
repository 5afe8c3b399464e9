// SPDX-License-Identifier: ISC
// What the web process hands on: people's questions, each a connection with who asks
// (web/caller.h), from there on askers like those of the control socket; and who came and went
// (web/entry.h).
#include "role/web_asked.h"

#include "role/audited.h"
#include "role/handover.h"

#include <errno.h>
#include <unistd.h>

int web_asked_take(struct daemon *d, int channel)
{
    char text[WEB_CALLER_BYTES_MAX];
    size_t size;
    int fd;
    struct web_caller caller;
    struct web_entry entry;
    int came = handover_hear(channel, text, sizeof text, &size, &fd);
    if (came != 1)
        return came;
    if (fd < 0) {
        if (!web_entry_read(text, size, &entry))
            return -EBADMSG;
        audited_entry(d, &entry);
        return 1;
    }
    if (!web_caller_read(text, size, &caller)) {
        close(fd);
        return -EBADMSG;
    }
    const struct person person = person_over_web(d->net, &caller);
    askers_take(&d->web_askers, fd, &person);
    return 1;
}
