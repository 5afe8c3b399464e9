// SPDX-License-Identifier: ISC
// For tests: the store role as a process of its own, with a file of its own, and its parent's end.
#pragma once

#include "role/store.h"

#include "base/check.h"
#include "base/random.h"
#include "engine/message.h"
#include "role/channel.h"
#include "role/filter.h"
#include "role/handover.h"
#include "role/now.h"
#include "role/role_check.h"
#include "role/roles.h"
#include "role/run.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct rig {
    struct net *net;
    struct store_role *role;
    int channel;
    pid_t pid;
    char directory[32];
    char said[MESSAGE_MAX];  // its last word
};

static inline struct rig set_up(void)
{
    struct rig rig = {.directory = "/tmp/store-XXXXXX"};
    char why[ROLE_ERROR_MAX] = "";
    assert_non_null(mkdtemp(rig.directory));
    rig.net = calloc(1, sizeof *rig.net);
    snprintf(rig.net->store.path, sizeof rig.net->store.path, "%s/db", rig.directory);
    rig.net->store.keep_days = rig.net->store.keep_rates_days = 1;
    rig.role = store_role_open(rig.net, why);
    assert_string_equal(why, "");
    return rig;
}

static inline void start(struct rig *rig, rlim_t bytes_max)
{
    int fd = role_fork(&rig->pid, &rig->channel, bytes_max);
    if (fd < 0)
        return;
    // As the daemon runs it: what it does must be among what it promises.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || filter_apply(run_roles[ROLE_STORE].promises))
        _exit(9);
    _exit(store_role_run(rig->role, fd));
}

static inline void end(struct rig *rig)
{
    int status;
    close(rig->channel);
    assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
    assert_int_equal(status, 0);
}

static inline uint32_t each_file(struct rig *rig, bool remove, const char *part)
{
    char path[400];
    uint32_t found = 0;
    DIR *directory = opendir(rig->directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        snprintf(path, sizeof path, "%s/%s", rig->directory, entry->d_name);
        found += strstr(entry->d_name, part) != NULL;
        if (remove)
            unlink(path);
    }
    closedir(directory);
    return found;
}

static inline void tear_down(struct rig *rig)
{
    each_file(rig, true, "");
    assert_int_equal(rmdir(rig->directory), 0);
    store_role_close(rig->role);
    free(rig->net);
}

static inline void put(struct rig *rig, int64_t at_ns, const char *effect)
{
    char text[STORE_PACKET_MAX];
    int size = snprintf(text, sizeof text, "%lld %s", (long long)at_ns, effect);
    while (channel_send_text(rig->channel, text, (size_t)size) != 0)
        poll(NULL, 0, 1);
}

static inline void put_outage(struct rig *rig, int number, const char *state)
{
    char text[256];
    snprintf(text, sizeof text,
             "{\"effect\":\"outage\",\"at_ns\":9000000000,\"number\":%d,\"state\":\"%s\","
             "\"severity\":\"major\",\"onset_ns\":2000000000,\"share_ppm\":5,\"title\":\"a's\","
             "\"cause\":\"c\",\"action\":\"\",\"part_of\":0}",
             number, state);
    put(rig, now_wall().ns, text);
}

// Waits for its next word, generously: there is one.
static inline const char *hear_any(struct rig *rig)
{
    struct pollfd waiting = {.fd = rig->channel, .events = POLLIN};
    size_t size = 0;
    assert_int_equal(poll(&waiting, 1, 60 * 1000), 1);
    assert_int_equal(channel_receive_text(rig->channel, rig->said, sizeof rig->said - 1, &size), 1);
    rig->said[size] = '\0';
    return rig->said;
}

// Likewise, but for what comes back of outages, and drafts.
static inline const char *hear(struct rig *rig)
{
    while (hear_any(rig)[0] == '{' || rig->said[0] == '#')
        continue;
    return rig->said;
}

static inline int64_t number_of(struct rig *rig, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_open(rig->net->store.path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 60 * 1000);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return number;
}

static inline void execute(struct rig *rig, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(rig->net->store.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
