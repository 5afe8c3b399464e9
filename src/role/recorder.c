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

// Where the value of the next 'md5_key' stands; NULL: there is none.
static char *next_value(char *from, const char *end)
{
    static const char key[] = "md5_key";
    char *found = memmem(from, (size_t)(end - from), key, strlen(key));
    if (!found)
        return NULL;
    found += strlen(key);
    while (found < end && strchr("\"': \t\r\n", *found))
        found++;
    return found;
}

// Every router's key, as it was understood, must be found where it stands: one that is written with
// escapes is not, and then nothing is recorded.
static bool blot_out_keys(const struct net *net, char *text, size_t size)
{
    const char *end = text + size;
    uint32_t blotted = 0, secret = 0;
    for (uint32_t i = 0; i < net->router_count; i++)
        secret += net->routers[i].md5_key[0] != '\0';
    for (char *at = text; (at = next_value(at, end));) {
        size_t longest = 0;
        for (uint32_t i = 0; i < net->router_count; i++) {
            const char *key = net->routers[i].md5_key;
            size_t length = strlen(key);
            if (length > longest && length <= (size_t)(end - at) && memcmp(at, key, length) == 0)
                longest = length;
        }
        memset(at, 'x', longest);
        blotted += longest > 0;
    }
    return blotted >= secret;
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

static int write_header_without_keys(FILE *file, const struct net *net,
                                     const struct recorder_config *config)
{
    char *text = malloc(config->size + 1);
    if (!text)
        return -ENOMEM;
    memcpy(text, config->text, config->size);
    const struct recorder_config blotted = {config->file_name, text, config->size};
    int error = blot_out_keys(net, text, config->size) ? write_header(file, &blotted) : -ENOKEY;
    free(text);
    return error;
}

int recorder_open(struct recorder *r, const struct net *net, const struct recorder_config *config)
{
    const char *path = net->record_path;
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
    error = write_header_without_keys(r->file, net, config);
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
