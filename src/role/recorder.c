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

enum {
    SECRETS_MAX = 2 * NET_ROUTERS_MAX + 1 + 3 * NET_UPSTREAMS_MAX + NET_USERS_MAX + NET_TOKENS_MAX +
                  1 + 2 * NET_TRAP_USERS_MAX
};

struct secret {
    const char *text;  // as it was understood
    size_t open;       // bytes that may be shown
    char blot;         // a character that may stand there
};

static void add_secret(struct secret *secrets, uint32_t *count, const char *text)
{
    if (text[0])
        secrets[(*count)++] = (struct secret){.text = text, .blot = 'x'};
}

// All that must not be shown. Of the hash of a password what a reader of the configuration asks of
// its form stays: method, costs and salt (crypt(5)).
static uint32_t list_secrets(const struct net *net, struct secret *secrets)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->router_count; i++) {
        add_secret(secrets, &count, net->routers[i].md5_key);
        add_secret(secrets, &count, net->routers[i].fib.md5_key);
    }
    add_secret(secrets, &count, net->counters.token);
    for (uint32_t i = 0; i < net->upstream_count; i++) {
        add_secret(secrets, &count, net->upstreams[i].use.snmp.community);
        add_secret(secrets, &count, net->upstreams[i].use.snmp.auth_key);
        add_secret(secrets, &count, net->upstreams[i].use.snmp.priv_key);
    }
    add_secret(secrets, &count, net->traps.community);
    for (uint32_t i = 0; i < net->traps.user_count; i++) {
        add_secret(secrets, &count, net->traps.users[i].auth_key);
        add_secret(secrets, &count, net->traps.users[i].priv_key);
    }
    for (uint32_t i = 0; i < net->access.token_count; i++) {
        add_secret(secrets, &count, net->access.tokens[i].sha256);
        secrets[count - 1].blot = '0';
    }
    for (uint32_t i = 0; i < net->access.user_count; i++) {
        const char *hash = net->access.users[i].password, *salted = strrchr(hash, '$');
        add_secret(secrets, &count, hash);
        if (salted)
            secrets[count - 1].open = (size_t)(salted + 1 - hash);
    }
    return count;
}

bool recorder_has_to_hide(const struct net *net)
{
    struct secret secrets[SECRETS_MAX];
    return list_secrets(net, secrets) > 0;
}

// What keys that hold one are called.
static const char *const secret_keys[] = {"md5_key",   "token",    "password", "sha256",
                                          "community", "auth_key", "priv_key"};
enum { SECRET_KEYS = sizeof secret_keys / sizeof secret_keys[0] };

bool recorder_hides(const char *key)
{
    for (int i = 0; i < SECRET_KEYS; i++)
        if (strcmp(secret_keys[i], key) == 0)
            return true;
    return false;
}

// Where the value of the next key that holds one stands; NULL: there is none.
static char *next_value(char *from, const char *end)
{
    char *first = NULL;
    for (int i = 0; i < SECRET_KEYS; i++) {
        size_t length = strlen(secret_keys[i]);
        char *found = memmem(from, (size_t)(end - from), secret_keys[i], length);
        if (found && (!first || found + length < first))
            first = found + length;
    }
    while (first && first < end && strchr("\"': \t\r\n", *first))
        first++;
    return first;
}

// Blots out the longest secret that stands there; all that are equal to it are `found`.
static void blot_out(char *at, size_t size, const struct secret *secrets, uint32_t count,
                     bool *found)
{
    size_t longest = 0;
    const struct secret *here = NULL;
    for (uint32_t i = 0; i < count; i++) {
        size_t length = strlen(secrets[i].text);
        if (length > longest && length <= size && memcmp(at, secrets[i].text, length) == 0) {
            longest = length;
            here = &secrets[i];
        }
    }
    for (uint32_t i = 0; i < count; i++)
        found[i] |= longest > 0 && strlen(secrets[i].text) == longest &&
                    memcmp(at, secrets[i].text, longest) == 0;
    if (here)
        memset(at + here->open, here->blot, longest - here->open);
}

// Every secret must be found where it stands: one that is written with escapes is not, and then
// nothing is recorded.
static bool blot_out_all(const struct net *net, char *text, size_t size)
{
    const char *end = text + size;
    struct secret secrets[SECRETS_MAX];
    bool found[SECRETS_MAX] = {false}, all = true;
    uint32_t count = list_secrets(net, secrets);
    for (char *at = text; (at = next_value(at, end));)
        blot_out(at, (size_t)(end - at), secrets, count, found);
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

static int write_header_without_secrets(FILE *file, const struct net *net,
                                        const struct recorder_config *config)
{
    char *text = malloc(config->size + 1);
    if (!text)
        return -ENOMEM;
    memcpy(text, config->text, config->size);
    const struct recorder_config blotted = {config->file_name, text, config->size};
    int error = blot_out_all(net, text, config->size) ? write_header(file, &blotted) : -ENOKEY;
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
    error = write_header_without_secrets(r->file, net, config);
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
