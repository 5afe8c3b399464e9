// SPDX-License-Identifier: ISC
#include "lab/guard.h"

#include "lab/traffic_wire.h"
#include "net/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STOP_GRACE_MS = 3000 };

// The configuration with the recording and the audit log of this run in it, and its control socket
// where no other lab's is, if it says where. The last of two equal keys would be an error, so the
// lines are replaced.
static void add_config(struct text *config, const struct text *original, const struct lab *lab,
                       const char *recording)
{
    char path[SPACE_PATH_MAX];
    for (const char *line = text_get(original); *line;) {
        size_t size = strcspn(line, "\n");
        if (strncmp(line, "control:", 8) == 0)
            text_add(config, "control: \"%s\"\n",
                     lab_path(lab, lab->scenario->guard, "control.sock", path));
        else if (strncmp(line, "record:", 7) != 0 && strncmp(line, "audit:", 6) != 0)
            text_add(config, "%.*s\n", (int)size, line);
        line += size + (line[size] == '\n');
    }
    text_add(config, "record: \"%s\"\naudit: \"%s\"\n", recording,
             lab_path(lab, lab->scenario->guard, "audit", path));
}

static int read_config(struct guard *guard, struct lab *lab, const struct text *config)
{
    struct net_errors *errors = calloc(1, sizeof *errors);
    if (!errors)
        return lab_fail(lab, -ENOMEM, "no memory");
    bool usable =
        net_parse(text_get(config), config->size, lab->scenario->guard_config, &guard->net, errors);
    char line[NET_ERROR_LINE_MAX];
    if (!usable)
        lab_fail(lab, -EINVAL, "%.400s", net_error_format(errors, 0, line, sizeof line));
    free(errors);
    return usable ? 0 : -EINVAL;
}

static int read_file(const struct scenario *scenario, const char *file, struct text *text)
{
    char path[512];
    return scenario_path(scenario, file, path, sizeof path) ? text_read(text, path) : -ENAMETOOLONG;
}

static int write_config(struct guard *guard, struct lab *lab, const char *recording, char *path)
{
    const struct scenario *s = lab->scenario;
    struct text original = {0}, config = {0};
    int result = read_file(s, s->guard_config, &original);
    if (result == 0 && s->guard_more[0])
        result = read_file(s, s->guard_more, &original);
    add_config(&config, &original, lab, recording);
    if (result == 0)
        result = text_write(&config, lab_path(lab, lab->scenario->guard, "fairlead.yaml", path));
    if (result < 0)
        lab_fail(lab, result, "cannot use '%s' and '%s': %s", s->guard_config, s->guard_more,
                 strerror(-result));
    else
        result = read_config(guard, lab, &config);
    text_done(&original);
    text_done(&config);
    return result;
}

static int open_errors(struct lab *lab, const struct guard_files *files)
{
    char path[SPACE_PATH_MAX];
    lab_path(lab, lab->scenario->guard, "log", path);
    return open(files->errors[0] ? files->errors : path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
                0644);
}

static int start(struct guard *guard, struct lab *lab, const struct guard_files *files, int listen)
{
    char config[SPACE_PATH_MAX];
    int ends[2], result = write_config(guard, lab, files->recording, config);
    if (result < 0)
        return result;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return lab_fail(lab, -errno, "cannot make a pipe: %s", strerror(errno));
    fcntl(ends[1], F_SETFL, 0);
    guard->errors = open_errors(lab, files);
    const char *argv[] = {lab->program, "run", "-c", config, "--json", NULL};
    guard->pid = process_start(&(struct process_how){
        .space = lab->namespaces[lab->scenario->guard],
        .host_name = lab->scenario->nodes[lab->scenario->guard].name,
        .argv = argv,
        .input = -1,
        .output = ends[1],
        .error = guard->errors,
        .listen = listen,
    });
    close(ends[1]);
    guard->output = ends[0];
    if (guard->pid < 0)
        return lab_fail(lab, (int)guard->pid, "cannot start '%s run': %s", lab->program,
                        strerror((int)-guard->pid));
    return 0;
}

int guard_start(struct guard *guard, struct lab *lab, const struct guard_files *files, int listen)
{
    *guard = (struct guard){.pid = -1, .output = -1, .errors = -1};
    if (files->effects[0] && !(guard->copy = fopen(files->effects, "we")))
        return lab_fail(lab, -errno, "cannot write '%.300s': %s", files->effects, strerror(errno));
    return start(guard, lab, files, listen);
}

static bool has_room(struct guard *guard)
{
    if (guard->effect_count < guard->effect_capacity)
        return true;
    size_t capacity = guard->effect_capacity ? guard->effect_capacity * 2 : 256;
    struct guard_effect *effects = realloc(guard->effects, capacity * sizeof *effects);
    if (!effects)
        return false;
    guard->effects = effects;
    guard->effect_capacity = capacity;
    return true;
}

// The daemon puts the wall time before the fields of an effect; what stays is the effect's message.
static bool read_effect(const struct guard *guard, const char *line, size_t size,
                        struct effect *effect, char *why)
{
    static const char begin[] = "{\"time\":\"";
    char message[MESSAGE_MAX + 1];
    const char *comma = memchr(line, ',', size);
    if (comma && size > sizeof begin && memcmp(line, begin, sizeof begin - 1) == 0) {
        size -= (size_t)(comma - line);
        line = comma;
    }
    if (size > MESSAGE_MAX) {
        snprintf(why, MESSAGE_WHY_MAX, "a line of %zu bytes", size);
        return false;
    }
    memcpy(message, line, size);
    message[0] = line[0] == ',' ? '{' : line[0];
    return message_to_effect(&guard->net, message, size, effect, why);
}

static void take_line(struct guard *guard, const char *line, size_t size, int64_t now_ns)
{
    char why[MESSAGE_WHY_MAX] = "";
    struct effect effect;
    if (guard->copy)
        fprintf(guard->copy, "%.*s\n", (int)size, line);
    if (!read_effect(guard, line, size, &effect, why)) {
        if (!guard->unread[0])
            snprintf(guard->unread, sizeof guard->unread, "%s: %.*s", why,
                     (int)(size < 1000 ? size : 1000), line);
        return;
    }
    if (effect.kind != EFFECT_LEASE && has_room(guard))
        guard->effects[guard->effect_count++] = (struct guard_effect){now_ns, effect};
}

static void take_lines(struct guard *guard, int64_t now_ns)
{
    char *line = guard->buffer, *end = guard->buffer + guard->held;
    for (char *newline; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1)
        take_line(guard, line, (size_t)(newline - line), now_ns);
    guard->held = (size_t)(end - line);
    if (guard->held == sizeof guard->buffer)  // no effect is that long
        guard->held = 0;
    memmove(guard->buffer, line, guard->held);
}

int guard_read(struct guard *guard, int64_t now_ns)
{
    size_t before = guard->effect_count;
    for (;;) {
        ssize_t size =
            read(guard->output, guard->buffer + guard->held, sizeof guard->buffer - guard->held);
        if (size < 0 && errno == EINTR)
            continue;
        if (size == 0)
            return -EPIPE;
        if (size < 0)
            return (int)(guard->effect_count - before);
        guard->held += (size_t)size;
        take_lines(guard, now_ns);
    }
}

int guard_stop(struct guard *guard)
{
    int status = guard->pid > 0 ? process_stop(guard->pid, STOP_GRACE_MS) : -1;
    guard->pid = -1;
    if (guard->output >= 0)
        guard_read(guard, traffic_now_ns());  // its last words
    return status;
}

void guard_done(struct guard *guard)
{
    if (guard->pid > 0)
        process_stop(guard->pid, 0);
    if (guard->output >= 0)
        close(guard->output);
    if (guard->errors >= 0)
        close(guard->errors);
    if (guard->copy)
        fclose(guard->copy);
    free(guard->effects);
    *guard = (struct guard){.pid = -1, .output = -1, .errors = -1};
}

const struct guard_effect *
guard_find(const struct guard *guard, enum effect_kind kind, int64_t from_ns,
           bool (*match)(const struct effect *effect, const void *context), const void *context)
{
    for (size_t i = 0; i < guard->effect_count; i++) {
        const struct guard_effect *seen = &guard->effects[i];
        if (seen->effect.kind == kind && seen->heard_ns >= from_ns &&
            (!match || match(&seen->effect, context)))
            return seen;
    }
    return NULL;
}

static bool is_last_of(const struct guard *guard, size_t index)
{
    const struct effect *effect = &guard->effects[index].effect;
    for (size_t later = index + 1; later < guard->effect_count; later++)
        if (guard->effects[later].effect.kind == EFFECT_INCIDENT &&
            guard->effects[later].effect.incident.incident == effect->incident.incident)
            return false;
    return true;
}

uint32_t guard_open_incidents(const struct guard *guard)
{
    uint32_t open = 0;
    for (size_t i = 0; i < guard->effect_count; i++)
        open += guard->effects[i].effect.kind == EFFECT_INCIDENT &&
                guard->effects[i].effect.incident.state != INCIDENT_CLOSED && is_last_of(guard, i);
    return open;
}

void guard_last_error(const struct guard *guard, char *line, size_t size)
{
    char tail[512];
    struct stat file = {0};
    ssize_t length = 0;
    if (fstat(guard->errors, &file) == 0) {
        off_t from = file.st_size - (off_t)sizeof tail + 1;
        length = pread(guard->errors, tail, sizeof tail - 1, from > 0 ? from : 0);
    }
    while (length > 0 && tail[length - 1] == '\n')
        length--;
    tail[length > 0 ? length : 0] = '\0';
    const char *newline = strrchr(tail, '\n');
    snprintf(line, size, "%s", newline ? newline + 1 : tail);
}
