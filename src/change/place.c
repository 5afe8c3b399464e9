// SPDX-License-Identifier: ISC
#include "change/place.h"

#include "net/devices.h"

#include <string.h>

static const char device_word[] = "{device}";
enum { DEVICE_WORD = sizeof device_word - 1 };

// Which places of a path can be reached: no backtracking, however many stars there are.
struct reach {
    bool at[PLACE_PATH_MAX + 1];
};

enum token_kind { TOKEN_LITERAL, TOKEN_STAR, TOKEN_ANY, TOKEN_FOLDERS };

struct token {
    enum token_kind kind;
    size_t size;  // of the pattern's bytes
};

static struct token token_at(const char *pattern, size_t left)
{
    if (pattern[0] != '*')
        return (struct token){TOKEN_LITERAL, 1};
    if (left < 2 || pattern[1] != '*')
        return (struct token){TOKEN_STAR, 1};
    if (left < 3 || pattern[2] != '/')
        return (struct token){TOKEN_ANY, 2};
    return (struct token){TOKEN_FOLDERS, 3};
}

// From every place reached, all those behind one more token.
static void step(struct reach *reach, const struct token *token, char literal, const char *path,
                 size_t size)
{
    struct reach next = {0};
    bool open = false;
    for (size_t i = 0; i <= size; i++) {
        bool after_slash = i > 0 && path[i - 1] == '/';
        if (token->kind == TOKEN_LITERAL) {
            next.at[i] = i > 0 && reach->at[i - 1] && path[i - 1] == literal;
            continue;
        }
        if (token->kind == TOKEN_STAR && after_slash)
            open = false;
        next.at[i] = token->kind == TOKEN_FOLDERS ? reach->at[i] || (open && after_slash)
                                                  : reach->at[i] || open;
        open |= reach->at[i];
    }
    *reach = next;
}

static void walk(struct reach *reach, const char *pattern, size_t pattern_size, const char *path,
                 size_t size)
{
    while (pattern_size > 0) {
        struct token token = token_at(pattern, pattern_size);
        step(reach, &token, pattern[0], path, size);
        pattern += token.size;
        pattern_size -= token.size;
    }
}

static bool fits(const char *pattern, const char *path, size_t size)
{
    struct reach reach = {.at = {[0] = true}};
    walk(&reach, pattern, strlen(pattern), path, size);
    return reach.at[size];
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool place_is_pattern(const char *pattern)
{
    const char *device = strstr(pattern, device_word);
    return device && !strstr(device + 1, device_word);
}

bool place_device(const struct net *net, const char *pattern, const char *path, size_t size,
                  char name[NET_NAME_MAX])
{
    const char *device = strstr(pattern, device_word);
    struct reach reach = {.at = {[0] = true}};
    bool found = false;
    if (!device || size > PLACE_PATH_MAX)
        return false;
    walk(&reach, pattern, (size_t)(device - pattern), path, size);
    for (size_t from = 0; from < size; from++) {
        if (!reach.at[from])
            continue;
        for (size_t end = from + 1;
             end <= size && end - from < NET_NAME_MAX && is_name_byte(path[end - 1]); end++) {
            char candidate[NET_NAME_MAX] = "";
            if (!fits(device + DEVICE_WORD, path + end, size - end))
                continue;
            memcpy(candidate, path + from, end - from);
            bool known = net_device_find(net, candidate) != NET_NOBODY;
            if (known || !found)
                memcpy(name, candidate, sizeof candidate);
            found = true;
            if (known)
                return true;
        }
    }
    return found;
}
