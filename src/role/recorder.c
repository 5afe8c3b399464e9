// SPDX-License-Identifier: ISC
#include "role/recorder.h"

#include "engine/message.h"
#include "engine/recording.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORDER_BUFFER_BYTES = 256 * 1024 };  // some seconds of events: few, large writes

// The buffer goes with the file: what could not be written is lost.
static int end_recording(struct recorder *r, int error)
{
    if (r->file)
        fclose(r->file);
    free(r->buffer);
    *r = (struct recorder){0};
    return -error;
}

static int keep_old(const char *path)
{
    char old[NET_TEXT_MAX + 8];
    snprintf(old, sizeof old, "%s.old", path);
    return rename(path, old) < 0 && errno != ENOENT ? -errno : 0;
}

static int write_header(FILE *file, const struct recorder_config *config)
{
    // Text that is no UTF-8 cannot stand in JSON; what was parsed as YAML is.
    json_t *header =
        json_pack("{s:i, s:s, s:s, s:s%}", "recording", RECORDING_FORM, "version", FAIRLEAD_VERSION,
                  "file", config->file_name, "config", config->text, config->size);
    if (!header)
        return -EILSEQ;
    int failed = json_dumpf(header, file, JSON_COMPACT) < 0 || fputc('\n', file) == EOF ||
                 fflush(file) == EOF;
    int error = failed ? -errno : 0;
    json_decref(header);
    return error;
}

int recorder_open(struct recorder *r, const char *path, const struct recorder_config *config)
{
    *r = (struct recorder){0};
    if (path[0] == '\0')
        return 0;
    int error = keep_old(path);
    if (error)
        return error;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    r->file = fdopen(fd, "w");
    r->buffer = malloc(RECORDER_BUFFER_BYTES);
    if (!r->file || !r->buffer) {
        if (!r->file)
            close(fd);
        return end_recording(r, ENOMEM);
    }
    setvbuf(r->file, r->buffer, _IOFBF, RECORDER_BUFFER_BYTES);
    error = write_header(r->file, config);
    return error ? end_recording(r, -error) : 0;
}

int recorder_add(struct recorder *r, const struct net *net, const struct event *event)
{
    if (!r->file)
        return 0;
    char text[MESSAGE_MAX];
    size_t size = message_from_event(net, event, text, sizeof text);
    assert(size > 0);
    text[size] = '\n';  // in place of the final zero
    return fwrite(text, 1, size + 1, r->file) == size + 1 ? 0 : end_recording(r, errno);
}

int recorder_turn(struct recorder *r, struct mono now)
{
    if (!r->file || !mono_reached(now, r->flush_at))
        return 0;
    r->flush_at = mono_add_ms(now, 1000);
    return fflush(r->file) == 0 ? 0 : end_recording(r, errno);
}

int recorder_close(struct recorder *r)
{
    int error = r->file && fflush(r->file) == EOF ? errno : 0;
    return end_recording(r, error);
}
