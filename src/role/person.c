// SPDX-License-Identifier: ISC
#include "role/person.h"

#include "base/escape.h"
#include "engine/event.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 1024, GROUPS_MAX = 256 };

static void find_name(uid_t uid, char *name)
{
    char room[LINE_BYTES_MAX];
    struct passwd entry, *found = NULL;
    FILE *file = fopen("/etc/passwd", "re");
    bool known = false;
    while (file && !known && fgetpwent_r(file, &entry, room, sizeof room, &found) == 0)
        known = entry.pw_uid == uid;
    if (known)
        escape_text(entry.pw_name, strlen(entry.pw_name), name, NET_NAME_MAX);
    else
        snprintf(name, NET_NAME_MAX, "uid %u", uid);
    if (file)
        fclose(file);
}

static bool is_member(int fd, const struct ucred *peer, gid_t group)
{
    gid_t groups[GROUPS_MAX];
    socklen_t size = sizeof groups;
    if (group == (gid_t)-1)
        return false;
    if (peer->gid == group)
        return true;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
        return false;
    for (size_t i = 0; i < size / sizeof groups[0]; i++)
        if (groups[i] == group)
            return true;
    return false;
}

bool person_of(int fd, struct person_rule rule, struct person *person)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid == (uid_t)-1)
        return false;
    *person = (struct person){.uid = peer.uid};
    bool may_act = peer.uid == 0 || peer.uid == geteuid() || is_member(fd, &peer, rule.group);
    person->rights = may_act ? RIGHTS_ALL : RIGHT_READ;
    find_name(peer.uid, person->name);
    return true;
}

static uint32_t rights_of_paged(const struct net *net, const char *name)
{
    for (uint32_t i = 0; net->access.link_secret[0] && i < net->alert.person_count; i++)
        if (strcmp(net->alert.people[i].name, name) == 0)
            return RIGHT_ACK;  // by the link of their page
    return 0;
}

// A web process that is taken over must not do more than who is configured: where nobody is, read.
static uint32_t rights_at_most(const struct net *net, const char *name, uint32_t *uid)
{
    const struct net_access *access = &net->access;
    *uid = ASKED_UID_WEB;
    for (uint32_t i = 0; i < access->user_count; i++)
        if (strcmp(access->users[i].name, name) == 0)
            return access->users[i].rights | rights_of_paged(net, name);
    for (uint32_t i = 0; i < access->token_count; i++)
        if (strcmp(access->tokens[i].name, name) == 0) {
            *uid = ASKED_UID_TOKEN;
            return access->tokens[i].rights;
        }
    bool nobody = access->user_count + access->token_count == 0;
    return rights_of_paged(net, name) | (nobody ? RIGHT_READ : 0);
}

struct person person_over_web(const struct net *net, const struct web_caller *caller)
{
    struct person person = {0};
    uint32_t uid;
    person.rights = caller->rights & rights_at_most(net, caller->name, &uid);
    person.uid = uid;
    snprintf(person.name, sizeof person.name, "%s",
             caller->name[0] ? caller->name : "a reader of the page");
    memcpy(person.request_id, caller->request_id, sizeof person.request_id);
    return person;
}
