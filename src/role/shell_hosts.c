// SPDX-License-Identifier: ISC
// Who devices are: their keys, as sshd(8) has them in its known_hosts. Hashed names are read;
// markers (@revoked, @cert-authority) are not, and refused: passed over, they would admit more.
#include "role/shell.h"

#include <stdio.h>
#include <string.h>

static const struct sort {
    int bit;
    const char *method;
} sorts[] = {
    {LIBSSH2_KNOWNHOST_KEY_ED25519, "ssh-ed25519"},
    {LIBSSH2_KNOWNHOST_KEY_ECDSA_256, "ecdsa-sha2-nistp256"},
    {LIBSSH2_KNOWNHOST_KEY_ECDSA_384, "ecdsa-sha2-nistp384"},
    {LIBSSH2_KNOWNHOST_KEY_ECDSA_521, "ecdsa-sha2-nistp521"},
    {LIBSSH2_KNOWNHOST_KEY_SSHRSA, "ssh-rsa"},
};

// The library reads on behind the size that it is given, up to a zero.
static bool read_line(struct shell_role *r, const char *at, size_t size)
{
    char line[4096];
    if (size >= sizeof line)
        return false;
    memcpy(line, at, size);
    line[size] = '\0';
    return libssh2_knownhost_readline(r->hosts, line, size, LIBSSH2_KNOWNHOST_FILE_OPENSSH) == 0;
}

static bool read_lines(struct shell_role *r, char *why)
{
    const char *path = r->net->ssh.known_hosts;
    uint32_t number = 1;
    for (const char *at = r->known, *end; *at; at = end + (*end == '\n'), number++) {
        end = at + strcspn(at, "\n");
        if (*at == '#' || end == at || (*at != '@' && read_line(r, at, (size_t)(end - at))))
            continue;
        snprintf(why, ROLE_ERROR_MAX, "%.180s:%u: expected 'HOST TYPE KEY' as of ssh-keyscan", path,
                 number);
        return false;
    }
    return true;
}

bool shell_hosts_read(struct shell_role *r, char *why)
{
    r->hosts_session = libssh2_session_init();
    r->hosts = r->hosts_session ? libssh2_knownhost_init(r->hosts_session) : NULL;
    if (r->hosts)
        return read_lines(r, why);
    snprintf(why, ROLE_ERROR_MAX, "cannot ask devices: out of memory");
    return false;
}

void shell_hosts_done(struct shell_role *r)
{
    if (r->hosts)
        libssh2_knownhost_free(r->hosts);
    if (r->hosts_session)
        libssh2_session_free(r->hosts_session);
}

static int check(struct shell_role *r, const struct net_ssh_device *device, const char *key,
                 size_t size, int mask)
{
    char host[ADDRESS_TEXT_MAX];
    address_format(device->address, host);
    return libssh2_knownhost_checkp(r->hosts, host, device->port, key, size,
                                    LIBSSH2_KNOWNHOST_TYPE_PLAIN | mask, NULL);
}

// A server shows one key of several, of the first sort that we name: one that we know. Whether we
// know one of a sort is asked with a key that nobody has.
bool shell_hosts_methods(struct shell_role *r, const struct net_ssh_device *device, char *list,
                         size_t size)
{
    static const char nobodys[] = "AAAA";
    list[0] = '\0';
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
        size_t used = strlen(list);
        if (check(r, device, nobodys, sizeof nobodys - 1,
                  LIBSSH2_KNOWNHOST_KEYENC_BASE64 | sorts[i].bit) ==
            LIBSSH2_KNOWNHOST_CHECK_MISMATCH)
            snprintf(list + used, size - used, "%s%s", used > 0 ? "," : "", sorts[i].method);
    }
    return list[0] != '\0';
}

bool shell_hosts_know(struct shell_role *r, const struct net_ssh_device *device,
                      LIBSSH2_SESSION *session, const char **why)
{
    size_t size = 0;
    int type;
    const char *key = libssh2_session_hostkey(session, &size, &type);
    int found = key ? check(r, device, key, size, LIBSSH2_KNOWNHOST_KEYENC_RAW)
                    : LIBSSH2_KNOWNHOST_CHECK_FAILURE;
    *why = found == LIBSSH2_KNOWNHOST_CHECK_MISMATCH
               ? "its host key is another than ssh.known_hosts has"
               : "its host key cannot be checked";
    return found == LIBSSH2_KNOWNHOST_CHECK_MATCH;
}
