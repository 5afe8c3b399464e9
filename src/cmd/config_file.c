// SPDX-License-Identifier: ISC
#include "cmd/config_file.h"

#include "engine/proof.h"
#include "net/parse.h"
#include "net/tree.h"
#include "steer/limits.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a file may ask for is what the gate allows at most.
static_assert((int)NET_ROUTES_PER_ROUTER_MAX == (int)STEER_ROUTES_PER_ROUTER_MAX, "S4");
static_assert((int)NET_ROUTES_PER_FAMILY_MAX == (int)STEER_ROUTES_PER_FAMILY_MAX, "S4");
static_assert((int)NET_ROUTES_MAX == (int)STEER_ROUTES_MAX, "S4");
static_assert((int)NET_ANNOUNCE_MAX == (int)STEER_OWN_PER_ROUTER_MAX, "S4");
static_assert((int)NET_ACTS_PER_MINUTE_MAX == (int)STEER_ACTS_PER_MINUTE_MAX, "S8");
static_assert((int)NET_ACTS_PER_PREFIX_MAX == (int)STEER_ACTS_PER_PREFIX_MAX, "S15");
static_assert((int)NET_ANNOUNCE_MAX == (int)STEER_OWN_TOGETHER_MAX, "S12");
static_assert((int)NET_LOCAL_PREF_MAX == (int)STEER_LOCAL_PREF_MAX, "S5");
static_assert((int)NET_LEASE_S_MAX * 1000 == (int)STEER_LEASE_MS_MAX, "S11");
static_assert((int)NET_HEADROOM_PERCENT_MAX == (int)STEER_HEADROOM_PERCENT_MAX, "S10");
static_assert((int)NET_PREFIXES_PER_MINUTE_MAX == (int)STEER_PREFIXES_PER_MINUTE_MAX, "S8");

// 0 or -errno. Reads one byte more than is allowed, so that the parser sees that it is too much.
static int read_whole(const char *path, char **text, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return -errno;
    *text = malloc(TREE_BYTES_MAX + 1);
    int error = *text ? 0 : ENOMEM;
    if (*text) {
        *size = fread(*text, 1, TREE_BYTES_MAX + 1, file);
        error = ferror(file) ? errno : 0;
    }
    fclose(file);
    return -error;
}

// Of a file that was read well; 1 where memory is out.
static uint32_t line_of(const struct config_file *file, const char *section)
{
    struct net_errors none;
    net_errors_init(&none, file->errors.file_name);
    struct tree *tree = tree_parse(file->text, file->size, &none);
    const struct tree_node *node = tree ? tree_find(tree_root(tree), section) : NULL;
    uint32_t line = node ? node->key_line : 1;
    tree_free(tree);
    return line;
}

int config_file_load(struct config_file *file, const char *path)
{
    *file = (struct config_file){0};
    int error = read_whole(path, &file->text, &file->size);
    if (error) {
        fprintf(stderr, "fairlead: cannot read '%s': %s\n", path, strerror(-error));
        return 3;
    }
    if (!net_parse(file->text, file->size, path, &file->net, &file->errors))
        return 2;
    proof_check(&file->net, line_of(file, "targets"), &file->errors);
    net_errors_sort(&file->errors);
    return 0;
}

void config_file_done(struct config_file *file)
{
    free(file->text);
    file->text = NULL;
}

void config_file_report(const struct config_file *file)
{
    char line[NET_ERROR_LINE_MAX];
    for (uint32_t i = 0; i < file->errors.count; i++)
        fprintf(stderr, "%s\n", net_error_format(&file->errors, i, line, sizeof line));
    if (file->errors.omitted > 0)
        fprintf(stderr, "%s: and %u more\n", file->errors.file_name, file->errors.omitted);
}
