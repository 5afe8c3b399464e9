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

enum { SECRETS_MAX = 2 * NET_ROUTERS_MAX + 1 };

// All that must not be shown, as it was understood.
static uint32_t list_secrets(const struct net *net, const char *secrets[SECRETS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->router_count; i++) {
        secrets[count++] = net->routers[i].md5_key;
        secrets[count++] = net->routers[i].fib.md5_key;
    }
    secrets[count++] = net->counters.token;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (secrets[i][0])
            secrets[kept++] = secrets[i];
    return kept;
}

// Where the value of the next key that holds one stands; NULL: there is none.
static char *next_value(char *from, const char *end)
{
    static const char *const keys[] = {"md5_key", "token"};
    char *first = NULL;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t length = strlen(keys[i]);
        char *found = memmem(from, (size_t)(end - from), keys[i], length);
        if (found && (!first || found + length < first))
            first = found + length;
    }
    while (first && first < end && strchr("\"': \t\r\n", *first))
        first++;
    return first;
}

// The longest secret that stands there, in bytes; all that are equal to it are `found`.
static size_t match_secret(const char *at, size_t size, const char *const *secrets, uint32_t count,
                           bool *found)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t length = strlen(secrets[i]);
        if (length > longest && length <= size && memcmp(at, secrets[i], length) == 0)
            longest = length;
    }
    for (uint32_t i = 0; i < count; i++)
        found[i] |=
            longest > 0 && strlen(secrets[i]) == longest && memcmp(at, secrets[i], longest) == 0;
    return longest;
}

// Every secret must be found where it stands: one that is written with escapes is not, and then
// nothing is recorded.
static bool blot_out_keys(const struct net *net, char *text, size_t size)
{
    const char *end = text + size, *secrets[SECRETS_MAX];
    bool found[SECRETS_MAX] = {false}, all = true;
    uint32_t count = list_secrets(net, secrets);
    for (char *at = text; (at = next_value(at, end));)
        memset(at, 'x', match_secret(at, (size_t)(end - at), secrets, count, found));
    for (uint32_t i = 0; i < count; i++)
        all &= found[i];
    return all;
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
