// SPDX-License-Identifier: ISC
#include "bmp/statistics.h"

#include "bmp/tlv.h"

enum form { COUNTER32, GAUGE64, FAMILY_GAUGE64 };

enum { SIZE_32 = 4, SIZE_64 = 8, SIZE_FAMILY = 11 };  // octets; the last begins with AFI and SAFI

static const struct {
    const char *name;
    enum form form;
} types[BMP_STATISTICS] = {
    [0] = {"rejected_prefixes", COUNTER32},
    [1] = {"duplicate_announcements", COUNTER32},
    [2] = {"duplicate_withdrawals", COUNTER32},
    [3] = {"cluster_list_loops", COUNTER32},
    [4] = {"as_path_loops", COUNTER32},
    [5] = {"originator_id_loops", COUNTER32},
    [6] = {"confederation_loops", COUNTER32},
    [7] = {"adj_rib_in_routes", GAUGE64},
    [8] = {"loc_rib_routes", GAUGE64},
    [9] = {"adj_rib_in_family_routes", FAMILY_GAUGE64},
    [10] = {"loc_rib_family_routes", FAMILY_GAUGE64},
    [11] = {"updates_treated_as_withdraw", COUNTER32},
    [12] = {"prefixes_treated_as_withdraw", COUNTER32},
    [13] = {"duplicate_updates", COUNTER32},
    [14] = {"adj_rib_out_pre_routes", GAUGE64},
    [15] = {"adj_rib_out_post_routes", GAUGE64},
    [16] = {"adj_rib_out_pre_family_routes", FAMILY_GAUGE64},
    [17] = {"adj_rib_out_post_family_routes", FAMILY_GAUGE64},
};

const char *bmp_statistic_name(uint16_t type)
{
    return type < BMP_STATISTICS ? types[type].name : NULL;
}

static bool has_size(const struct bmp_statistic *s, size_t size)
{
    static const size_t sizes[] = {
        [COUNTER32] = SIZE_32, [GAUGE64] = SIZE_64, [FAMILY_GAUGE64] = SIZE_FAMILY};
    if (s->name)
        return size == sizes[types[s->type].form];
    return size == SIZE_32 || size == SIZE_64 || size == SIZE_FAMILY;
}

bool bmp_statistic_next(struct cursor *counters, struct bmp_statistic *statistic)
{
    struct bmp_tlv tlv;
    if (!bmp_tlv_next(counters, &tlv))
        return false;
    struct cursor value = tlv.value;
    size_t size = cursor_left(&value);
    *statistic = (struct bmp_statistic){
        .type = tlv.type, .name = bmp_statistic_name(tlv.type), .octets = tlv.value};
    statistic->readable = has_size(statistic, size);
    if (!statistic->readable)
        return true;
    if (size == SIZE_FAMILY) {
        statistic->afi = cursor_be16(&value);
        statistic->safi = cursor_u8(&value);
    }
    statistic->value = size == SIZE_32 ? cursor_be32(&value) : cursor_be64(&value);
    return true;
}
