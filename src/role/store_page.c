// SPDX-License-Identifier: ISC
#include "role/store_page.h"

#include "engine/message.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APART_MS = 1000, RETRY_MS = 10 * 1000 };

void store_page_init(struct store_page *page, const struct net *net)
{
    *page = (struct store_page){.desk.net = net};
}

void store_page_done(struct store_page *page)
{
    said_desk_done(&page->desk);
}

static bool is_wanted(const struct store_page *page)
{
    return page->desk.net->status_page.directory[0] != '\0';
}

// Most are of other kinds, and many.
static bool may_matter(const char *text)
{
    static const char *const heads[] = {"{\"effect\":\"outage\"", "{\"effect\":\"extent\"",
                                        "{\"effect\":\"publish\"", "{\"effect\":\"answered\"",
                                        "{\"effect\":\"kept_outage\""};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (strncmp(text, heads[i], strlen(heads[i])) == 0)
            return true;
    return false;
}

void store_page_take(struct store_page *page, const struct store_fact *fact)
{
    struct effect effect;
    char why[MESSAGE_WHY_MAX];
    if (!is_wanted(page) || !may_matter(fact->text) ||
        !message_to_effect(page->desk.net, fact->text, strlen(fact->text), &effect, why) ||
        !said_desk_take(&page->desk, fact->at, &effect))
        return;
    page->draft_due = true;
    page->public_due |=
        effect.kind == EFFECT_PUBLISH || page->desk.net->status_page.publish == NET_PUBLISH_AT_ONCE;
}

// ---- the store

static const char *text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

// Outages that go on from an earlier run, with what is drafted of them.
static int load_carried(struct said_desk *desk, struct store_file *file)
{
    sqlite3_stmt *row;
    int code = sqlite3_prepare_v2(
        file->db, "SELECT run, number FROM kept WHERE place = 0 AND run < ?1", -1, &row, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int64(row, 1, file->run);
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        said_desk_carry(desk, sqlite3_column_int64(row, 0), (uint32_t)sqlite3_column_int64(row, 1));
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

// What was taken before the file was open is of this run, too.
static int load(struct store_page *page, struct store_file *file)
{
    struct said_desk fresh = page->desk;
    sqlite3_stmt *row;
    int code = sqlite3_prepare_v2(file->db,
                                  "SELECT run, number, draft, published FROM (SELECT * FROM"
                                  " statuses ORDER BY EXISTS (SELECT 1 FROM kept WHERE"
                                  " kept.run = statuses.run AND kept.number = statuses.number)"
                                  " DESC, run DESC, number DESC LIMIT ?1)"
                                  " ORDER BY run, number",
                                  -1, &row, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int(row, 1, SAID_STATUSES_MAX);
    page->desk = (struct said_desk){.net = fresh.net, .run = file->run};
    (void)load_carried(&page->desk, file);  // what is broken is told with the rest
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        said_desk_load(&page->desk, sqlite3_column_int64(row, 0),
                       (uint32_t)sqlite3_column_int64(row, 1), text_of(row, 2), text_of(row, 3));
    sqlite3_finalize(row);
    page->draft_due |= page->desk.count + fresh.count > 0;
    page->public_due |= page->desk.net->status_page.publish == NET_PUBLISH_AT_ONCE;
    said_desk_join(&page->desk, &fresh);
    page->loaded = code == SQLITE_DONE;
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int keep(struct store_file *file, const struct said_entry *entry)
{
    sqlite3_stmt *row;
    char *draft = json_dumps(entry->draft, JSON_COMPACT);
    char *published = entry->published ? json_dumps(entry->published, JSON_COMPACT) : NULL;
    int code = sqlite3_prepare_v2(
        file->db, "INSERT OR REPLACE INTO statuses VALUES (?1, ?2, ?3, ?4)", -1, &row, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_int64(row, 1, entry->run);
        sqlite3_bind_int64(row, 2, entry->number);
        sqlite3_bind_text(row, 3, draft ? draft : "", -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(row, 4, published ? published : "", -1, SQLITE_TRANSIENT);
        code = sqlite3_step(row);
        sqlite3_finalize(row);
    }
    free(draft);
    free(published);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

enum store_result store_page_keep(struct store_page *page, struct store_file *file, char *why)
{
    int code = SQLITE_OK;
    if (!is_wanted(page))
        return STORE_DONE;
    if (!page->loaded)
        code = load(page, file);
    for (uint32_t i = 0; code == SQLITE_OK && i < page->desk.count; i++) {
        struct said_entry *entry = &page->desk.entries[i];
        if (!entry->dirty)
            continue;
        code = keep(file, entry);
        entry->dirty = code != SQLITE_OK;
    }
    return code == SQLITE_OK ? STORE_DONE : store_file_failed(file, code, why);
}

// ---- the files

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno != EINTR)
            return -errno;
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static int write_file(const char *directory, const char *name, const char *bytes)
{
    char path[NET_TEXT_MAX + 64], beside[NET_TEXT_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    snprintf(beside, sizeof beside, "%s/.%s.new", directory, name);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return -errno;
    int error = write_all(fd, bytes, strlen(bytes));
    if (!error && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
        error = -errno;
    close(fd);
    if (!error && rename(beside, path) < 0)
        error = -errno;
    if (error)
        (void)unlink(beside);
    return error;
}

static int write_page(const struct store_page *page, bool published, int64_t now_s)
{
    char directory[NET_TEXT_MAX + 16];
    struct said_text html = {0}, atom = {0};
    json_t *made = said_desk_page(&page->desk, published, now_s);
    char *json = made ? json_dumps(made, JSON_INDENT(1)) : NULL;
    said_status_html(made, &html);
    said_status_atom(made, &atom);
    snprintf(directory, sizeof directory, "%s/%s", page->desk.net->status_page.directory,
             published ? "public" : "draft");
    int error = !json || html.failed || atom.failed ? -ENOMEM : 0;
    if (!error && mkdir(directory, published ? 0755 : 0700) < 0 && errno != EEXIST)
        error = -errno;
    if (!error)
        error = write_file(directory, "status.json", json);
    if (!error)
        error = write_file(directory, "feed.atom", atom.bytes);
    if (!error)
        error = write_file(directory, "index.html", html.bytes);
    said_text_done(&html);
    said_text_done(&atom);
    free(json);
    json_decref(made);
    return error;
}

bool store_page_write(struct store_page *page, struct mono now, struct wall wall)
{
    char why[STORE_WHY_MAX] = "";
    if (!(page->draft_due || page->public_due) || !mono_reached(now, page->write_at))
        return false;
    int64_t now_s = wall.ns / NS_PER_S;
    int error = page->draft_due ? write_page(page, false, now_s) : 0;
    page->draft_due &= error != 0;
    if (!error && page->public_due)
        error = write_page(page, true, now_s);
    page->public_due &= error != 0;
    page->write_at = mono_add_ms(now, error ? RETRY_MS : APART_MS);
    if (error)
        snprintf(why, sizeof why, "cannot write the status page in '%.90s': %s",
                 page->desk.net->status_page.directory, strerror(-error));
    bool is_news = strcmp(why, page->why) != 0;
    memcpy(page->why, why, sizeof why);
    return is_news;
}

int store_page_wait_ms(const struct store_page *page, struct mono now)
{
    int64_t left_ns = mono_since_ns(page->write_at, now);
    if (!page->draft_due && !page->public_due)
        return -1;
    return left_ns < 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1;
}
