// SPDX-License-Identifier: ISC
#include "net/values_inside.h"

#include "net/object.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool values_refuse(const struct reading *r, const char *wrong, const char *remedy)
{
    net_errors_add(r->values->errors, NET_ERROR, r->line, "%s: '%.64s' %s: %s", r->values->where,
                   r->text, wrong, remedy);
    return false;
}

static bool refuse(const struct reading *r, const char *wrong, const char *remedy)
{
    return values_refuse(r, wrong, remedy);
}

static bool read_name(const struct reading *r, void *place)
{
    size_t size = strlen(r->text);
    for (const char *c = r->text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            size = 0;
    if (size == 0 || size >= NET_NAME_MAX)
        return refuse(r, "is not a name", "write 1 to 31 letters, digits, '.', '_' or '-'");
    memcpy(place, r->text, size + 1);
    return true;
}

static bool read_text(const struct reading *r, void *place)
{
    char remedy[64];
    size_t size = strlen(r->text);
    snprintf(remedy, sizeof remedy, "write at most %d bytes", (int)r->key->max);
    if (size > (size_t)r->key->max)
        return refuse(r, "is too long", remedy);
    if (size == 0 && r->key->min > 0)
        return refuse(r, "is empty", "write a text, or remove the key");
    snprintf(remedy, sizeof remedy, "write at least %d bytes", (int)r->key->min);
    if (size < (size_t)r->key->min)
        return refuse(r, "is too short", remedy);
    for (const char *c = r->text; *c; c++)
        if (iscntrl((unsigned char)*c))
            return refuse(r, "holds a control character", "keep it to one line of plain text");
    memcpy(place, r->text, size + 1);
    return true;
}

bool values_word(const struct reading *r, const char *const *words, size_t count, void *place)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(r->text, words[i]) == 0) {
            memcpy(place, &(unsigned){(unsigned)i}, sizeof(unsigned));
            return true;
        }
    char remedy[128];
    snprintf(remedy, sizeof remedy, "write %s", key_shape(r->key->kind));
    return refuse(r, "is not known here", remedy);
}

static_assert(sizeof(enum net_mode) == sizeof(unsigned), "values_word() writes an unsigned");
static_assert(sizeof(enum net_group_kind) == sizeof(unsigned), "values_word() writes an unsigned");
static_assert(sizeof(enum net_over) == sizeof(unsigned), "values_word() writes an unsigned");
static_assert(sizeof(enum net_use_source) == sizeof(unsigned), "values_word() writes an unsigned");
static_assert(sizeof(enum net_capacity) == sizeof(unsigned), "values_word() writes an unsigned");
static_assert(sizeof(enum net_protocol) == sizeof(unsigned), "values_word() writes an unsigned");

static bool read_mode(const struct reading *r, void *place)
{
    return values_word(r, net_mode_names, NET_MODES, place);
}

static bool read_lever_mode(const struct reading *r, void *place)
{
    unsigned mode = 0;
    bool good = values_word(r, net_mode_names, NET_MODES, &mode);
    memcpy(place, &(uint32_t){mode + 1}, sizeof(uint32_t));
    return good;
}

static bool read_over(const struct reading *r, void *place)
{
    static const char *const overs[NET_OVERS] = {"refuse", "close"};
    return values_word(r, overs, NET_OVERS, place);
}

static bool read_learn(const struct reading *r, void *place)
{
    static const char *const learns[NET_LEARNS] = {"never", "carefully", "freely"};
    return values_word(r, learns, NET_LEARNS, place);
}

static bool read_publish(const struct reading *r, void *place)
{
    static const char *const words[NET_PUBLISHES] = {"by-hand", "at-once"};
    return values_word(r, words, NET_PUBLISHES, place);
}

static bool read_bool(const struct reading *r, void *place)
{
    static const char *const words[] = {"false", "true"};
    unsigned word = 0;
    bool good = values_word(r, words, 2, &word);
    memcpy(place, &(bool){word != 0}, sizeof(bool));
    return good;
}

static bool read_group(const struct reading *r, void *place)
{
    static const char *const words[NET_GROUP_KINDS] = {"redundancy", "shared-risk"};
    return values_word(r, words, NET_GROUP_KINDS, place);
}

static bool read_use(const struct reading *r, void *place)
{
    static const char *const words[NET_USE_SOURCES] = {"", "kernel", "pushed", "snmp"};
    return values_word(r, words, NET_USE_SOURCES, place);
}

static bool read_capacity(const struct reading *r, void *place)
{
    static const char *const words[NET_CAPACITIES] = {"prove", "ignore"};
    return values_word(r, words, NET_CAPACITIES, place);
}

const char *const net_protocol_names[NET_PROTOCOLS] = {"stamp", "icmp", "tcp"};

static bool read_protocol(const struct reading *r, void *place)
{
    if (strcmp(r->text, "udp") == 0)
        return refuse(r, "has no probes of its own", "write stamp, which is UDP to any port");
    return values_word(r, net_protocol_names, NET_PROTOCOLS, place);
}

static bool read_family(const struct reading *r, void *place)
{
    bool *families = place;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        if (strcmp(r->text, family_name(family)) == 0) {
            families[family] = true;
            return true;
        }
    return refuse(r, "is not a family", "write ipv4 or ipv6");
}

static bool read_address(const struct reading *r, struct address *address)
{
    if (address_parse(r->text, address))
        return true;
    struct prefix prefix;
    if (prefix_parse(r->text, &prefix))
        return refuse(r, "is a prefix", "write an address, without '/'");
    return refuse(r, "is not an IP address", "write an IPv4 or IPv6 address");
}

// Neither unspecified nor a group of hosts.
static bool is_host(struct address address)
{
    static const uint8_t zeros[16];
    if (memcmp(address.bytes, zeros, sizeof zeros) == 0)
        return false;
    return address.family == FAMILY_IPV4 ? address.bytes[0] < 224 : address.bytes[0] != 0xff;
}

static bool read_host(const struct reading *r, void *place)
{
    struct address address;
    if (!read_address(r, &address))
        return false;
    if (!is_host(address))
        return refuse(r, "is not the address of one host", "write the address of one host");
    memcpy(place, &address, sizeof address);
    return true;
}

static bool read_ipv4(const struct reading *r, void *place)
{
    struct address address;
    if (!address_parse(r->text, &address) || address.family != FAMILY_IPV4 || !is_host(address))
        return refuse(r, "is not the IPv4 address of a host", "write one such as 192.0.2.1");
    memcpy(place, &address, sizeof address);
    return true;
}

static bool add_address(const struct reading *r, struct address address, struct address *addresses)
{
    if (addresses[address.family].family != FAMILY_NONE)
        return refuse(r, "is the second of its family", "write one address for each family");
    addresses[address.family] = address;
    return true;
}

static bool read_addresses(const struct reading *r, void *place)
{
    struct address address;
    return read_address(r, &address) && add_address(r, address, place);
}

static bool read_hosts(const struct reading *r, void *place)
{
    struct address address;
    return read_host(r, &address) && add_address(r, address, place);
}

static bool read_prefix(const struct reading *r, void *place)
{
    struct prefix prefix;
    if (!prefix_parse(r->text, &prefix)) {
        if (address_parse(r->text, &(struct address){0}))
            return refuse(r, "has no length", "write a prefix such as 192.0.2.0/24");
        return refuse(r, "is not a prefix",
                      "write one such as 192.0.2.0/24, with no bit set after the length");
    }
    memcpy(place, &prefix, sizeof prefix);
    return true;
}

static bool add_prefix(const struct reading *r, void *place)
{
    struct net_prefixes *prefixes = place;
    struct prefix prefix;
    if (!read_prefix(r, &prefix))
        return false;
    if (prefixes->count == NET_PREFIXES_MAX)
        return refuse(r, "is one too many", "write at most 64 prefixes");
    prefixes->items[prefixes->count++] = prefix;
    return true;
}

// Digits only, as a whole number below `max`; -1 when it is none.
static int64_t digits(const char *text, size_t size, int64_t max)
{
    int64_t value = 0;
    if (size == 0 || size > 12)
        return -1;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value <= max ? value : -1;
}

static bool add_as_number(const struct reading *r, void *place)
{
    struct net_as_numbers *numbers = place;
    int64_t number = digits(r->text, strlen(r->text), UINT32_MAX - 1);
    if (number < 1)
        return refuse(r, "is not an AS number", "write a whole number such as 64500");
    if (numbers->count == NET_ORIGINS_MAX)
        return refuse(r, "is one too many", "write at most 16 AS numbers");
    numbers->items[numbers->count++] = (uint32_t)number;
    return true;
}

static bool add_number(const struct reading *r, void *place)
{
    struct net_numbers *numbers = place;
    int64_t number = digits(r->text, strlen(r->text), UINT16_MAX);
    char remedy[64];
    snprintf(remedy, sizeof remedy, "write %lld to %lld", (long long)r->key->min,
             (long long)r->key->max);
    if (number < r->key->min || number > r->key->max)
        return refuse(r, "is not one of these numbers", remedy);
    if (numbers->count == NET_NUMBERS_MAX)
        return refuse(r, "is one too many", "write at most 8 numbers");
    numbers->items[numbers->count++] = (uint16_t)number;
    return true;
}

static bool read_endpoint(const struct reading *r, void *place)
{
    struct net *net = place;
    struct address address;
    uint16_t port;
    if (!address_port_parse(r->text, &address, &port))
        return refuse(r, "is not an address and a port",
                      "write ADDRESS:PORT, such as 127.0.0.1:8470 or [::1]:8470");
    net->web_address = address;
    net->web_port = port;
    return true;
}

static bool read_fib(const struct reading *r, void *place)
{
    static const char agent[] = "agent ";
    struct net_fib *fib = place;
    bool is_agent = strncmp(r->text, agent, sizeof agent - 1) == 0;
    struct address address = {0};
    uint16_t port = 0;
    if (!is_agent && strcmp(r->text, "local") != 0)
        return refuse(r, "is not known here", "write local or agent ADDRESS:PORT");
    if (is_agent && !address_port_parse(r->text + sizeof agent - 1, &address, &port))
        return refuse(r, "is not an agent's address and port",
                      "write agent ADDRESS:PORT, such as agent 192.0.2.1:4711");
    fib->from = is_agent ? NET_FIB_AGENT : NET_FIB_LOCAL;
    fib->address = address;
    fib->port = port;
    return true;
}

// Two or three numbers with colons between them: how many; 0: the text is something else.
static uint32_t numbers_between_colons(const char *text, int64_t max, uint32_t parts[3])
{
    for (uint32_t count = 0; count < 3; text++) {
        size_t size = strcspn(text, ":");
        int64_t value = digits(text, size, max);
        if (value < 0)
            return 0;
        parts[count++] = (uint32_t)value;
        text += size;
        if (*text == '\0')
            return count;
    }
    return 0;
}

static bool read_community(const struct reading *r, void *place)
{
    uint32_t parts[3];
    if (numbers_between_colons(r->text, UINT32_MAX, parts) != 3)
        return refuse(r, "is not a large community", "write three numbers such as 64500:666:1");
    memcpy(place, &(struct net_community){parts[0], parts[1], parts[2]},
           sizeof(struct net_community));
    return true;
}

static bool read_tag(const struct reading *r, void *place)
{
    uint32_t parts[3] = {0};
    struct net_tag tag = {NET_TAG_LARGE, {0}};
    if (numbers_between_colons(r->text, UINT16_MAX, parts) == 2)
        tag.kind = NET_TAG_STANDARD;
    else if (numbers_between_colons(r->text, UINT32_MAX, parts) != 3)
        return refuse(r, "is not a community",
                      "write two numbers up to 65535, such as 65535:0, or three");
    tag.value = (struct net_community){parts[0], parts[1], parts[2]};
    if (tag.kind == NET_TAG_STANDARD)
        tag.value.local2 = 0;
    memcpy(place, &tag, sizeof tag);
    return true;
}

static bool add_tag(const struct reading *r, void *place)
{
    struct net_tags *tags = place;
    struct net_tag tag;
    if (!read_tag(r, &tag))
        return false;
    if (tags->count == NET_TAGS_MAX)
        return refuse(r, "is one too many", "write at most 8 communities");
    tags->items[tags->count++] = tag;
    return true;
}

int values_find_name(const struct reading *r, const struct names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (strcmp(r->text, names->items[i]) == 0)
            return (int)i;
    char remedy[96];
    const char *nearest = tree_nearest(r->text, names->items, names->count);
    snprintf(remedy, sizeof remedy, nearest ? "did you mean '%s'?" : "%s",
             nearest ? nearest : names->remedy);
    if (names->count > 0)
        values_refuse(r, names->wrong, remedy);
    return -1;
}

static struct names router_names(const struct net *net, const char *remedy)
{
    struct names names = {.count = net->router_count, .wrong = "is no router", .remedy = remedy};
    for (uint32_t i = 0; i < names.count; i++)
        names.items[i] = net->routers[i].name;
    return names;
}

static bool read_router(const struct reading *r, void *place)
{
    struct names names = router_names(r->values->net, "write a name from routers");
    int found = values_find_name(r, &names);
    if (found >= 0)
        memcpy(place, &(uint32_t){(uint32_t)found}, sizeof(uint32_t));
    return found >= 0 || names.count == 0;
}

bool values_add_to_set(int found, const struct names *names, void *place)
{
    uint32_t set;
    memcpy(&set, place, sizeof set);
    set |= found >= 0 ? 1u << found : 0;
    memcpy(place, &set, sizeof set);
    return found >= 0 || names->count == 0;
}

static bool add_router(const struct reading *r, void *place)
{
    struct names names = router_names(r->values->net, "write names from routers");
    return values_add_to_set(values_find_name(r, &names), &names, place);
}

static bool read_object(const struct reading *r, void *place)
{
    char why[NET_OBJECT_WHY_MAX];
    struct net_object object;
    if (!net_object_parse(r->values->net, r->text, &object, why))
        return refuse(r, "names nothing of this file", why);
    memcpy(place, &object, sizeof object);
    return true;
}

static bool add_argument(const struct reading *r, void *place)
{
    struct net_arguments *arguments = place;
    if (arguments->count == NET_ARGUMENTS_MAX)
        return refuse(r, "is one too many", "write at most 8 arguments");
    const struct key text = {.max = NET_TEXT_MAX - 1};
    const struct reading reading = {r->values, &text, r->line, r->text};
    bool good = read_text(&reading, arguments->items[arguments->count]);
    arguments->count += good;
    return good;
}

static bool add_upstream(const struct reading *r, void *place)
{
    const struct net *net = r->values->net;
    struct names names = {.count = net->upstream_count,
                          .wrong = "is no upstream",
                          .remedy = "write names from upstreams"};
    for (uint32_t i = 0; i < names.count; i++)
        names.items[i] = net->upstreams[i].name;
    return values_add_to_set(values_find_name(r, &names), &names, place);
}

// How a number is kept: bytes of its integer, and that integer for 1 in the file.
struct number {
    bool whole;
    size_t size;
    int64_t one;
};

static const struct number numbers[KEY_KINDS] = {
    [KEY_U16] = {true, sizeof(uint16_t), 1},        [KEY_U32] = {true, sizeof(uint32_t), 1},
    [KEY_I64] = {true, sizeof(int64_t), 1},         [KEY_RATE] = {false, sizeof(uint32_t), 1000},
    [KEY_MS] = {false, sizeof(int64_t), NS_PER_MS}, [KEY_S] = {false, sizeof(int64_t), NS_PER_S},
};

// In thousandths; -1 when the text is no such number.
static int64_t thousandths(const char *text, bool whole)
{
    size_t size = strcspn(text, ".");
    int64_t value = digits(text, size, INT64_MAX);
    if (value < 0 || !text[size])
        return value < 0 ? -1 : value * 1000;
    size_t decimals = strlen(text + size + 1);
    int64_t fraction = digits(text + size + 1, decimals, 999);
    if (whole || decimals > 3 || fraction < 0)
        return -1;
    for (; decimals < 3; decimals++)
        fraction *= 10;
    return value * 1000 + fraction;
}

static void store(void *place, size_t size, int64_t value)
{
    if (size == sizeof(uint16_t))
        memcpy(place, &(uint16_t){(uint16_t)value}, size);
    else if (size == sizeof(uint32_t))
        memcpy(place, &(uint32_t){(uint32_t)value}, size);
    else
        memcpy(place, &value, size);
}

static bool read_number(const struct reading *r, void *place)
{
    const struct number *number = &numbers[r->key->kind];
    int64_t min = r->key->min, max = r->key->max, value = thousandths(r->text, number->whole);
    char remedy[256];
    snprintf(remedy, sizeof remedy, "write %lld to %lld, without a unit", (long long)min,
             (long long)max);
    if (value < 0)
        return refuse(
            r, number->whole ? "is not a whole number" : "is not a number of at most 3 decimals",
            remedy);
    snprintf(remedy, sizeof remedy, "write %lld to %lld (%s)", (long long)min, (long long)max,
             r->key->doc);
    if (value < min * 1000 || value > max * 1000)
        return refuse(r, value < min * 1000 ? "is too little" : "is too much", remedy);
    int64_t kept = number->one >= 1000 ? value * (number->one / 1000) : value / 1000 * number->one;
    store(place, number->size, kept);
    return true;
}

// clang-format off
static const struct {
    bool (*read)(const struct reading *r, void *place);
    bool is_list;
} kinds[KEY_KINDS] = {
    [KEY_NAME] = {read_name, false},
    [KEY_TEXT] = {read_text, false},
    [KEY_LEVER_MODE] = {read_lever_mode, false},
    [KEY_MODE] = {read_mode, false},
    [KEY_PROTOCOL] = {read_protocol, false},
    [KEY_OVER] = {read_over, false},
    [KEY_LEARN] = {read_learn, false},
    [KEY_PUBLISH] = {read_publish, false},
    [KEY_BOOL] = {read_bool, false},
    [KEY_FAMILIES] = {read_family, true},
    [KEY_HOST] = {read_host, false},
    [KEY_IPV4] = {read_ipv4, false},
    [KEY_ADDRESSES] = {read_addresses, true},
    [KEY_HOSTS] = {read_hosts, true},
    [KEY_ENDPOINT] = {read_endpoint, false},
    [KEY_FIB] = {read_fib, false},
    [KEY_PREFIXES] = {add_prefix, true},
    [KEY_PREFIX] = {read_prefix, false},
    [KEY_NUMBERS] = {add_number, true},
    [KEY_AS_NUMBERS] = {add_as_number, true},
    [KEY_COMMUNITY] = {read_community, false},
    [KEY_ROUTER] = {read_router, false},
    [KEY_TAG] = {read_tag, false},
    [KEY_TAGS] = {add_tag, true},
    [KEY_ROUTERS] = {add_router, true},
    [KEY_GROUP] = {read_group, false},
    [KEY_UPSTREAMS] = {add_upstream, true},
    [KEY_ARGUMENTS] = {add_argument, true},    [KEY_OBJECT] = {read_object, false},
    [KEY_CHANNEL] = {values_channel, false},
    [KEY_CHANNELS] = {values_channels, true},
    [KEY_PEOPLE] = {values_people, true},
    [KEY_PERSON] = {values_person, false},
    [KEY_TEAMS] = {values_teams, true},
    [KEY_RIGHTS] = {values_rights, true},
    [KEY_ZONE] = {values_zone, false},
    [KEY_LOCAL_TIME] = {values_local_time, false},
    [KEY_WEEK_TIME] = {values_week_time, false},
    [KEY_DAYS] = {values_days, true},
    [KEY_HOURS] = {values_hours, false},
    [KEY_LOCATION] = {values_location, true},
    [KEY_U16] = {read_number, false},
    [KEY_U32] = {read_number, false},
    [KEY_I64] = {read_number, false},
    [KEY_RATE] = {read_number, false},
    [KEY_MS] = {read_number, false},
    [KEY_S] = {read_number, false},
    [KEY_USE] = {read_use, false},
    [KEY_CAPACITY] = {read_capacity, false},
};
// clang-format on

static bool wrong_kind(const struct values *values, const struct tree_node *node,
                       enum key_kind kind)
{
    net_errors_add(values->errors, NET_ERROR, node->line,
                   "%s: %s where a value should be: write %s", values->where,
                   tree_kind_name(node->kind), key_shape(kind));
    return false;
}

static bool read_one(struct values *values, const struct tree_node *node, const struct key *key,
                     void *place)
{
    if (node->kind != TREE_TEXT)
        return wrong_kind(values, node, key->kind);
    if (node->text[0] == '\0' && !node->quoted) {
        net_errors_add(values->errors, NET_ERROR, node->line,
                       "%s: nothing stands after it: write %s%s", values->where,
                       key_shape(key->kind), key->fallback ? ", or remove the key" : "");
        return false;
    }
    if (node->text[0] == '\0' && key->fallback && key->fallback[0] == '\0')
        return true;  // "" says what leaving it out says
    if (node->text[0] == '\0' && key->kind == KEY_ENDPOINT)
        return true;
    const struct reading reading = {values, key, node->line, node->text};
    return kinds[key->kind].read(&reading, place);
}

bool values_read(struct values *values, const struct tree_node *node, const struct key *key,
                 void *place)
{
    if (!kinds[key->kind].is_list || node->kind == TREE_TEXT)  // one entry may stand alone
        return read_one(values, node, key, place);
    if (node->kind != TREE_LIST)
        return wrong_kind(values, node, key->kind);
    if (node->count == 0 && !key->fallback) {
        net_errors_add(values->errors, NET_ERROR, node->line, "%s: the list is empty: write %s",
                       values->where, key_shape(key->kind));
        return false;
    }
    bool good = true;
    for (const struct tree_node *entry = node->first; entry; entry = entry->next)
        good &= read_one(values, entry, key, place);
    return good;
}
