// SPDX-License-Identifier: ISC
#include "role/journal.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char journal_path[] = "/run/systemd/journal/socket";

int journal_priority(const char *text)
{
    if (strncmp(text, "alarm:", 6) == 0)
        return 3;
    return strncmp(text, "warning:", 8) == 0 ? 4 : 6;
}

struct entry {
    char *bytes;
    size_t size;
    bool full;
};

// A line's end would end the field: what holds one is left out. No text of ours does.
static void add(struct entry *entry, const char *before, const char *name, const char *value)
{
    if (strchr(value, '\n'))
        return;
    int size = snprintf(entry->bytes + entry->size, JOURNAL_ENTRY_MAX - entry->size, "%s%s=%s\n",
                        before, name, value);
    if (size < 0 || (size_t)size >= JOURNAL_ENTRY_MAX - entry->size)
        entry->full = true;
    else
        entry->size += (size_t)size;
}

// Of a name in capitals, as the journal wants them.
static void add_member(struct entry *entry, const char *name, const json_t *value)
{
    char field[64];
    size_t size = 0;
    for (; name[size] && size < sizeof field - 1; size++)
        field[size] = (char)toupper((unsigned char)name[size]);
    field[size] = '\0';
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *said = json_is_string(value) ? json_string_value(value) : text;
    if (said && !name[size] && strcmp(name, "time") != 0)  // the journal has its own
        add(entry, "FAIRLEAD_", field, said);
    free(text);
}

size_t journal_entry(const char *text, const char *json, char entry[JOURNAL_ENTRY_MAX])
{
    struct entry made = {.bytes = entry};
    char priority[2] = {(char)('0' + journal_priority(text)), '\0'};
    json_t *members = json ? json_loads(json, 0, NULL) : NULL;
    const char *name;
    json_t *value;
    add(&made, "", "MESSAGE", text);
    add(&made, "", "PRIORITY", priority);
    add(&made, "", "SYSLOG_IDENTIFIER", "fairlead");
    json_object_foreach(members, name, value) add_member(&made, name, value);
    json_decref(members);
    return made.full ? 0 : made.size;
}

static bool is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");  // systemd.exec(5): DEVICE:INODE
    unsigned long long device, inode;
    struct stat about;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &about) == 0 &&
           about.st_dev == device && about.st_ino == inode;
}

int journal_open(int fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!is_journal(fd))
        return -1;
    int journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(address.sun_path, journal_path, sizeof journal_path);
    if (journal < 0 || connect(journal, (struct sockaddr *)&address, sizeof address) == 0)
        return journal;
    close(journal);
    return -1;
}

bool journal_tell(int journal, const char *text, const char *json)
{
    char entry[JOURNAL_ENTRY_MAX];
    size_t size = journal_entry(text, json, entry);
    return size > 0 && send(journal, entry, size, MSG_NOSIGNAL) == (ssize_t)size;
}
