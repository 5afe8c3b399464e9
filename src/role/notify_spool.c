// SPDX-License-Identifier: ISC
#include "role/notify_spool.h"

#include "engine/message.h"
#include "role/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 1024,
    QUEUE_MAX = 2048,
    DONE_MAX = 4096,  // lines "D" that are looked up at the start
};

enum order_kind { ORDER_PAGE, ORDER_DONE, ORDER_TURN, ORDER_TURNED };

struct order {
    enum order_kind kind;
    int64_t page;
    uint32_t channel;
    char line[LINE_MAX_BYTES];
};

struct notify_spool {
    int files[2], ready;
    // The writer's: which file, and whether something failed since its turn came.
    uint32_t current;
    bool is_doubtful;
    size_t size;  // of the file that is written to, as asked
    // Between the two threads, under the lock.
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t writer;
    bool is_running, is_ending;
    int error;  // of the last write; 0: it went well
    uint64_t asked, written, told;
    struct order queue[QUEUE_MAX];
};

// ---- files

static int open_file(const char *path, int n)
{
    char name[NET_TEXT_MAX + 4];
    struct stat stat;
    snprintf(name, sizeof name, "%s.%d", path, n);
    int fd = open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0 || (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

struct notify_spool *notify_spool_open(const char *path, char *why)
{
    struct notify_spool *spool = calloc(1, sizeof *spool);
    if (!spool) {
        snprintf(why, ROLE_ERROR_MAX, "cannot keep pages: out of memory");
        return NULL;
    }
    spool->files[0] = spool->files[1] = spool->ready = -1;
    pthread_mutex_init(&spool->lock, NULL);
    pthread_cond_init(&spool->more, NULL);
    for (int n = 0; path[0] && n < 2; n++)
        if ((spool->files[n] = open_file(path, n)) < 0) {
            snprintf(why, ROLE_ERROR_MAX, "cannot keep pages in '%s.%d': %s", path, n,
                     strerror(errno));
            notify_spool_close(spool);
            return NULL;
        }
    return spool;
}

void notify_spool_close(struct notify_spool *spool)
{
    if (!spool)
        return;
    for (int n = 0; n < 2; n++)
        if (spool->files[n] >= 0)
            close(spool->files[n]);
    if (spool->ready >= 0)
        close(spool->ready);
    pthread_mutex_destroy(&spool->lock);
    pthread_cond_destroy(&spool->more);
    free(spool);
}

// ---- reading

struct done {
    int64_t page;
    char channel[NET_NAME_MAX];
};

struct reading {
    const struct net *net;
    const struct notify_kept *kept;
    uint32_t done_count;
    struct done done[DONE_MAX];
};

static void take_done(struct reading *r, const char *line)
{
    struct done *done = &r->done[r->done_count % DONE_MAX];
    if (sscanf(line, "D %" SCNd64 " %31s", &done->page, done->channel) == 2)
        r->done_count++;
}

static bool is_done(const struct reading *r, const struct alert_page *page)
{
    const char *channel = r->net->alert.channels[page->channel].name;
    uint32_t count = r->done_count < DONE_MAX ? r->done_count : DONE_MAX;
    for (uint32_t i = 0; i < count; i++)
        if (r->done[i].page == page->number && strcmp(r->done[i].channel, channel) == 0)
            return true;
    return false;
}

// What an older version kept has no 'run_s': its outages began in the run whose pages tell of them,
// which is the upper part of a page's number.
static bool read_older(const struct net *net, const char *text, struct effect *effect)
{
    char why[MESSAGE_WHY_MAX];
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object) && !json_object_get(object, "run_s"))
        json_object_set_new(
            object, "run_s",
            json_integer(json_integer_value(json_object_get(object, "page")) >> 20));
    char *newer = object ? json_dumps(object, JSON_COMPACT) : NULL;
    bool good = newer && message_to_effect(net, newer, strlen(newer), effect, why);
    free(newer);
    json_decref(object);
    return good;
}

static void take_page(struct reading *r, const char *line)
{
    struct effect effect;
    char why[MESSAGE_WHY_MAX];
    int64_t since_s;
    int used = 0;
    if (sscanf(line, "P %" SCNd64 " %n", &since_s, &used) == 1 && used > 0 &&
        (message_to_effect(r->net, line + used, strlen(line + used), &effect, why) ||
         read_older(r->net, line + used, &effect)) &&
        effect.kind == EFFECT_PAGE && !is_done(r, &effect.page))
        r->kept->each(r->kept->context, &effect.page, since_s);
}

// All whole lines of a file.
static void read_lines(int fd, struct reading *r, void (*take)(struct reading *, const char *))
{
    int copy = dup(fd);
    FILE *file = copy >= 0 ? fdopen(copy, "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    if (file)
        rewind(file);
    for (ssize_t got; file && (got = getline(&line, &room, file)) > 0;)
        if (line[got - 1] == '\n') {
            line[got - 1] = '\0';
            take(r, line);
        }
    free(line);
    if (file)
        fclose(file);
    else if (copy >= 0)
        close(copy);
}

void notify_spool_read(struct notify_spool *spool, const struct net *net,
                       const struct notify_kept *kept)
{
    struct reading *r = calloc(1, sizeof *r);
    if (!r)
        return;
    r->net = net;
    r->kept = kept;
    for (int n = 0; n < 2; n++)
        if (spool->files[n] >= 0)
            read_lines(spool->files[n], r, take_done);
    for (int n = 0; n < 2; n++)
        if (spool->files[n] >= 0)
            read_lines(spool->files[n], r, take_page);
    free(r);
}

// ---- the writer

static int write_line(int fd, const char *line)
{
    size_t size = strlen(line);
    for (size_t at = 0; at < size;) {
        ssize_t wrote = write(fd, line + at, size - at);
        if (wrote < 0 && errno != EINTR)
            return -errno;
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    return fdatasync(fd) < 0 ? -errno : 0;
}

static int carry_out(struct notify_spool *spool, const struct order *order)
{
    int other = spool->files[!spool->current];
    switch (order->kind) {
    case ORDER_TURN:
        spool->current = !spool->current;
        spool->is_doubtful = false;
        return 0;
    case ORDER_TURNED:
        return spool->is_doubtful || ftruncate(other, 0) == 0 ? 0 : -errno;
    case ORDER_PAGE:
    case ORDER_DONE:
        break;
    }
    return write_line(spool->files[spool->current], order->line);
}

static void *write_all(void *context)
{
    struct notify_spool *spool = context;
    pthread_mutex_lock(&spool->lock);
    for (;;) {
        while (spool->written == spool->asked && !spool->is_ending)
            pthread_cond_wait(&spool->more, &spool->lock);
        if (spool->written == spool->asked)
            break;
        struct order order = spool->queue[spool->written % QUEUE_MAX];
        pthread_mutex_unlock(&spool->lock);
        int error = carry_out(spool, &order);
        spool->is_doubtful |= error != 0;
        pthread_mutex_lock(&spool->lock);
        spool->error = error;
        if (error)  // it was not kept: nobody is told that it was
            spool->queue[spool->written % QUEUE_MAX].kind = ORDER_DONE;
        spool->written++;
        (void)eventfd_write(spool->ready, 1);
    }
    pthread_mutex_unlock(&spool->lock);
    return NULL;
}

// A line that was torn must not spoil the next one.
static void end_torn_line(int fd)
{
    char last = '\n';
    off_t end = lseek(fd, 0, SEEK_END);
    if (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n')
        (void)write_line(fd, "\n");
}

int notify_spool_start(struct notify_spool *spool)
{
    sigset_t all, before;
    if (spool->files[0] < 0)
        return 0;
    for (int n = 0; n < 2; n++)
        end_torn_line(spool->files[n]);
    spool->size = NOTIFY_SPOOL_BYTES_MAX;  // a new life begins with a file of its own
    spool->ready = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = spool->ready < 0 ? errno : pthread_create(&spool->writer, NULL, write_all, spool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    spool->is_running = error == 0;
    return -error;
}

void notify_spool_stop(struct notify_spool *spool)
{
    if (!spool->is_running)
        return;
    pthread_mutex_lock(&spool->lock);
    spool->is_ending = true;
    pthread_cond_signal(&spool->more);
    pthread_mutex_unlock(&spool->lock);
    pthread_join(spool->writer, NULL);
    spool->is_running = false;
}

// ---- what is asked of it

static bool ask(struct notify_spool *spool, const struct order *order)
{
    if (!spool->is_running)
        return false;
    pthread_mutex_lock(&spool->lock);
    bool has_room = spool->asked - spool->told < QUEUE_MAX;
    if (has_room)
        spool->queue[spool->asked++ % QUEUE_MAX] = *order;
    pthread_cond_signal(&spool->more);
    pthread_mutex_unlock(&spool->lock);
    spool->size += has_room ? strlen(order->line) : 0;
    return has_room;
}

bool notify_spool_keep(struct notify_spool *spool, const struct net *net,
                       const struct alert_page *page, int64_t since_s)
{
    struct order order = {.kind = ORDER_PAGE, .page = page->number, .channel = page->channel};
    const struct effect effect = {.kind = EFFECT_PAGE, .page = *page};
    char text[MESSAGE_MAX];
    size_t size = message_from_effect(net, &effect, text, sizeof text);
    int length = snprintf(order.line, sizeof order.line, "P %" PRId64 " %s\n", since_s, text);
    return size > 0 && (size_t)length < sizeof order.line && ask(spool, &order);
}

bool notify_spool_done(struct notify_spool *spool, const struct net *net,
                       const struct alert_page *page)
{
    struct order order = {.kind = ORDER_DONE};
    snprintf(order.line, sizeof order.line, "D %" PRId64 " %s\n", page->number,
             net->alert.channels[page->channel].name);
    return ask(spool, &order);
}

bool notify_spool_is_full(const struct notify_spool *spool)
{
    return spool->is_running && spool->size >= NOTIFY_SPOOL_BYTES_MAX;
}

void notify_spool_turn(struct notify_spool *spool)
{
    if (ask(spool, &(struct order){.kind = ORDER_TURN}))
        spool->size = 0;
}

void notify_spool_turned(struct notify_spool *spool)
{
    (void)ask(spool, &(struct order){.kind = ORDER_TURNED});
}

int notify_spool_fd(const struct notify_spool *spool)
{
    return spool->ready;
}

bool notify_spool_next_kept(struct notify_spool *spool, int64_t *page, uint32_t *channel)
{
    eventfd_t ignored;
    bool found = false;
    if (!spool->is_running)
        return false;
    pthread_mutex_lock(&spool->lock);
    (void)eventfd_read(spool->ready, &ignored);
    while (!found && spool->told < spool->written) {
        const struct order *order = &spool->queue[spool->told++ % QUEUE_MAX];
        found = order->kind == ORDER_PAGE;
        *page = order->page;
        *channel = order->channel;
    }
    pthread_mutex_unlock(&spool->lock);
    return found;
}

const char *notify_spool_trouble(struct notify_spool *spool)
{
    if (!spool->is_running)
        return NULL;
    pthread_mutex_lock(&spool->lock);
    bool is_stuck = spool->asked - spool->told >= QUEUE_MAX;
    const char *trouble = spool->error ? strerror(-spool->error)
                          : is_stuck   ? "the disk does not answer"
                                       : NULL;
    pthread_mutex_unlock(&spool->lock);
    return trouble;
}
