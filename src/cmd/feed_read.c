// SPDX-License-Identifier: ISC
// Archives into memory: of all the peers that a collector heard only the one that is played.
#include "cmd/feed.h"

#include "bgp/family.h"
#include "bgp/header.h"
#include "cmd/archive.h"
#include "mrt/item.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static bool is_wanted(const char *wanted, const struct feed_view *view)
{
    struct address address;
    if (!wanted)
        return true;
    if (address_parse(wanted, &address))
        return address_equal(address, view->address);
    return strtoul(wanted, NULL, 10) == view->as;
}

static bool is_view(const struct feed_view *view, struct address address, uint32_t as)
{
    return view->as == as && address_equal(view->address, address);
}

// The view of a peer, a new one if need be; NULL when there are too many. Archives name the peers
// in the same order again and again: the next is mostly the one behind the last.
static struct feed_view *find_view(const struct feed_options *o, struct feed_archive *archive,
                                   const struct feed_view *peer)
{
    for (uint32_t i = 0; i < archive->view_count; i++) {
        uint32_t at = (archive->at + i) % archive->view_count;
        if (is_view(&archive->views[at], peer->address, peer->as)) {
            archive->at = at;
            return &archive->views[at];
        }
    }
    if (archive->view_count == FEED_VIEWS_MAX)
        return NULL;
    archive->at = archive->view_count++;
    struct feed_view *view = &archive->views[archive->at];
    *view = *peer;
    view->wanted = is_wanted(o->view, view);
    return view;
}

// Counts what a peer has in the archive, and says whether it is the one that is played.
static bool choose(const struct feed_options *o, struct feed_archive *archive,
                   const struct feed_view *peer, bool is_update)
{
    struct feed_view *view = find_view(o, archive, peer);
    if (!view)
        return false;
    view->routes += !is_update;
    view->updates += is_update;
    if (!view->wanted)
        return false;
    uint32_t at = (uint32_t)(view - archive->views);
    if (archive->chosen == UINT32_MAX)
        archive->chosen = at;
    archive->ambiguous |= archive->chosen != at;
    return archive->chosen == at;
}

static bool add_route(const struct feed_options *o, struct feed_archive *archive,
                      const struct bgp_route *route, const struct feed_octets *octets)
{
    archive->path_ids |= route->path_id != 0;
    if (!o->families[octets->family])
        return true;
    return feed_table_add(&archive->table, route, octets);
}

// Each of these: false without memory.
static bool read_rib(const struct feed_options *o, struct feed_archive *archive,
                     struct mrt_item *item)
{
    struct mrt_entry entry;
    struct prefix prefix = mrt_prefix(&item->rib.nlri);
    bool ours = item->rib.safi == SAFI_UNICAST && prefix.address.family != FAMILY_NONE;
    while (mrt_entry_next(item, &entry)) {
        struct feed_view peer = {
            .address = entry.peer->address, .as = entry.peer->as, .id = entry.peer->id};
        if (!ours || !choose(o, archive, &peer, false))
            continue;
        struct feed_octets octets = {entry.attributes, prefix.address.family, 4};
        struct bgp_route route = {prefix, entry.path_id};
        if (!add_route(o, archive, &route, &octets))
            return false;
    }
    return true;
}

static bool read_route(const struct feed_options *o, struct feed_archive *archive,
                       struct mrt_item *item)
{
    const struct mrt_route *r = &item->route;
    struct prefix prefix = mrt_prefix(&r->nlri);
    struct feed_view peer = {.address = r->peer, .as = r->peer_as};
    bool ours = r->safi == SAFI_UNICAST && prefix.address.family != FAMILY_NONE;
    if (!ours || !choose(o, archive, &peer, false))
        return true;
    struct feed_octets octets = {r->attributes, prefix.address.family, r->as_size};
    return add_route(o, archive, &(struct bgp_route){.prefix = prefix}, &octets);
}

static bool read_message(const struct feed_options *o, struct feed_archive *archive,
                         const struct mrt_item *item, const struct mrt_record *record)
{
    const struct mrt_session *session = &item->session;
    struct feed_view peer = {.address = session->peer, .as = session->peer_as};
    if (session->type != BGP_UPDATE || session->sent || !choose(o, archive, &peer, true))
        return true;
    struct feed_recorded update = {
        .at_ns = (int64_t)record->time_s * NS_PER_S + (int64_t)record->time_us * NS_PER_US,
        .body = session->body,
        .as_size = session->as_size,
        .add_path = session->add_path,
    };
    return feed_replay_add(&archive->replay, &update);
}

static bool read_item(const struct feed_options *o, struct feed_archive *archive,
                      struct mrt_item *item, const struct mrt_record *record)
{
    switch (item->kind) {
    case MRT_RIB:
        return read_rib(o, archive, item);
    case MRT_ROUTE:
        return read_route(o, archive, item);
    case MRT_MESSAGE:
        return read_message(o, archive, item, record);
    case MRT_STATE:
        archive->state_changes++;
        return true;
    case MRT_PEERS:
    case MRT_UNKNOWN:
    case MRT_BAD:
    case MRT_KINDS:
        return true;
    }
    return true;
}

// What cannot be read ends the reading: what stood before it is good.
static void note_damage(struct feed_archive *archive, const char *file, const char *what)
{
    archive->damaged = true;
    snprintf(archive->damage, sizeof archive->damage, "%s: %s", file, what);
}

static void note_bad_item(struct feed_archive *archive, const char *file,
                          const struct mrt_item *item, const struct mrt_record *record)
{
    char what[192];
    snprintf(what, sizeof what, "damaged at octet %" PRIu64 ": %s, in the record that begins there",
             record->offset, item->reason);
    note_damage(archive, file, what);
}

// False without memory.
static bool read_records(const struct feed_options *o, struct feed_archive *archive,
                         struct archive *file, const char *name)
{
    struct mrt_peers peers = {0};
    struct mrt_record record;
    struct mrt_item item;
    enum archive_step step = ARCHIVE_RECORD;
    bool good = true;
    while (good && !archive->damaged && (step = archive_next(file, &record)) == ARCHIVE_RECORD) {
        mrt_item_decode(&record, &peers, &item);
        good = read_item(o, archive, &item, &record);
        if (item.kind == MRT_BAD)
            note_bad_item(archive, name, &item, &record);
    }
    if (step == ARCHIVE_DAMAGED)
        note_damage(archive, name, archive_error(file));
    mrt_peers_done(&peers);
    return good;
}

static int read_file(const struct feed_options *o, struct feed_archive *archive, const char *name)
{
    struct archive *file = archive_open(name);
    if (!file) {
        feed_problem("cannot read '%s': %s", name, strerror(errno));
        return 3;
    }
    bool good = read_records(o, archive, file, name);
    archive_close(file);
    if (!good)
        feed_problem("out of memory for '%s'", name);
    return good ? 0 : 3;
}

static void list_views(const struct feed_archive *archive)
{
    enum { SHOWN_MAX = 64 };
    char address[ADDRESS_TEXT_MAX];
    for (uint32_t i = 0; i < archive->view_count && i < SHOWN_MAX; i++) {
        const struct feed_view *view = &archive->views[i];
        fprintf(stderr, "  --view %-39s AS%-10u", address_format(view->address, address), view->as);
        if (view->routes > 0)
            fprintf(stderr, " %" PRIu64 " routes", view->routes);
        if (view->updates > 0)
            fprintf(stderr, " %" PRIu64 " updates", view->updates);
        fprintf(stderr, "\n");
    }
    if (archive->view_count > SHOWN_MAX)
        fprintf(stderr, "  and %u more\n", archive->view_count - SHOWN_MAX);
}

// Whether what was read names one peer, and something of it.
static int judge(const struct feed_options *o, const struct feed_archive *archive)
{
    bool empty = archive->table.count == 0 && archive->replay.count == 0;
    if (archive->ambiguous)
        feed_problem("%s tells of several peers%s: say which one to play",
                     o->file_count == 1 ? o->files[0] : "the files",
                     o->view ? " that --view fits" : "");
    else if (archive->chosen == UINT32_MAX && archive->view_count > 0)
        feed_problem("no peer '%s' is in %s: these are", o->view,
                     o->file_count == 1 ? o->files[0] : "the files");
    else if (empty && archive->damaged)
        feed_problem("%s", archive->damage);
    else if (empty)
        feed_problem("no routes and no updates are in %s",
                     o->file_count == 1 ? o->files[0] : "the files");
    else
        return 0;
    list_views(archive);
    return archive->ambiguous || archive->view_count > 0 ? 2 : 3;
}

int feed_read(const struct feed_options *options, struct feed_archive *archive)
{
    struct siphash_key key = {0};
    if (getrandom(&key, sizeof key, 0) != sizeof key)
        key = (struct siphash_key){1, 1};  // slower at worst
    memset(archive, 0, sizeof *archive);
    archive->chosen = UINT32_MAX;
    feed_table_init(&archive->table, key);
    for (size_t i = 0; i < options->file_count && !archive->damaged; i++) {
        int status = read_file(options, archive, options->files[i]);
        if (status)
            return status;
    }
    return judge(options, archive);
}

void feed_archive_done(struct feed_archive *archive)
{
    feed_table_done(&archive->table);
    feed_replay_done(&archive->replay);
}
