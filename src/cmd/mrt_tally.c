// SPDX-License-Identifier: ISC
#include "cmd/mrt_tally.h"

#include "bgp/header.h"
#include "mrt/line.h"

#include <inttypes.h>
#include <stdio.h>

void mrt_tally_item(struct mrt_tally *tally, const struct mrt_item *item)
{
    tally->records++;
    tally->peer_tables += item->kind == MRT_PEERS;
    tally->rib_prefixes += item->kind == MRT_RIB;
    tally->table_routes += item->kind == MRT_ROUTE;
    tally->messages += item->kind == MRT_MESSAGE;
    tally->states += item->kind == MRT_STATE;
    tally->unknown += item->kind == MRT_UNKNOWN;
    if (item->kind == MRT_MESSAGE && item->session.type == BGP_UPDATE)
        mrt_update_count(&item->session, &tally->announced, &tally->withdrawn);
}

void mrt_tally_bad(struct mrt_tally *tally, const struct mrt_record *record,
                   const struct mrt_item *item)
{
    if (tally->bad++ < MRT_BAD_SAID_MAX)
        fprintf(stderr,
                "fairlead: %s: bad record at octet %" PRIu64 ": %s (octet %zu of its body)\n",
                tally->path, record->offset, item->reason, item->at);
}

void mrt_tally_passed(struct mrt_tally *tally, const struct mrt_record *record)
{
    for (size_t i = 0; i < tally->passed_count; i++) {
        struct mrt_passed *passed = &tally->passed[i];
        if (passed->type == record->type && passed->subtype == record->subtype) {
            passed->records++;
            return;
        }
    }
    if (tally->passed_count == MRT_PASSED_MAX)
        tally->passed_others++;
    else
        tally->passed[tally->passed_count++] =
            (struct mrt_passed){record->type, record->subtype, 1};
}

void mrt_tally_report(const struct mrt_tally *tally)
{
    for (size_t i = 0; i < tally->passed_count; i++) {
        const struct mrt_passed *passed = &tally->passed[i];
        const char *name = mrt_type_name(passed->type);
        fprintf(
            stderr, "fairlead: %s: passed over %" PRIu64 " records of type %u (%s) subtype %u\n",
            tally->path, passed->records, passed->type, name ? name : "unknown", passed->subtype);
    }
    if (tally->passed_others > 0)
        fprintf(stderr, "fairlead: %s: passed over %" PRIu64 " records of still other types\n",
                tally->path, tally->passed_others);
    if (tally->bad > MRT_BAD_SAID_MAX)
        fprintf(stderr, "fairlead: %s: %" PRIu64 " bad records in all\n", tally->path, tally->bad);
}

bool mrt_tally_print(const struct mrt_tally *tally, bool json)
{
    const struct {
        const char *key, *means;
        uint64_t value;
    } rows[] = {
        {"records", "", tally->records},
        {"peer_tables", "tables of peers", tally->peer_tables},
        {"rib_prefixes", "prefixes of TABLE_DUMP_V2", tally->rib_prefixes},
        {"rib_routes", "what peers said of them", tally->rib_routes},
        {"table_routes", "routes of TABLE_DUMP and BGP4MP_ENTRY", tally->table_routes},
        {"messages", "BGP messages", tally->messages},
        {"announced", "prefixes in them", tally->announced},
        {"withdrawn", "prefixes in them", tally->withdrawn},
        {"states", "changes of a session's state", tally->states},
        {"unknown", "records of types that are passed over", tally->unknown},
        {"bad", "records that are not what their type says", tally->bad},
    };
    const char *before = "{";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (json)
            printf("%s\"%s\":%" PRIu64, before, rows[i].key, rows[i].value);
        else
            printf("%-13s %12" PRIu64 "%s%s\n", rows[i].key, rows[i].value,
                   *rows[i].means ? "  " : "", rows[i].means);
        before = ",";
    }
    if (json)
        puts("}");
    return fflush(stdout) == 0 && !ferror(stdout);
}
