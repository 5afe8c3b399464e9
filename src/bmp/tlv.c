// SPDX-License-Identifier: ISC
#include "bmp/tlv.h"

bool bmp_tlv_next(struct cursor *tlvs, struct bmp_tlv *tlv)
{
    if (cursor_left(tlvs) == 0)
        return false;
    tlv->at = tlvs->pos;
    tlv->type = cursor_be16(tlvs);
    uint16_t size = cursor_be16(tlvs);
    tlv->value = cursor_part(tlvs, size);
    return cursor_ok(tlvs);
}

bool bmp_tlvs_check(struct cursor tlvs, size_t *end)
{
    struct bmp_tlv tlv = {0};
    while (bmp_tlv_next(&tlvs, &tlv))
        ;
    *end = cursor_ok(&tlvs) ? tlvs.pos : tlv.at;
    return cursor_ok(&tlvs);
}

bool bmp_tlv_find(struct cursor tlvs, uint16_t type, struct cursor *value)
{
    bool found = false;
    for (struct bmp_tlv tlv; bmp_tlv_next(&tlvs, &tlv);) {
        if (tlv.type != type)
            continue;
        *value = tlv.value;
        found = true;
    }
    return found;
}

const char *bmp_information_name(uint16_t type)
{
    static const char *const names[BMP_INFORMATIONS] = {
        [BMP_TEXT] = "text",
        [BMP_SYSTEM_DESCRIPTION] = "system_description",
        [BMP_SYSTEM_NAME] = "system_name",
        [BMP_TABLE_NAME] = "table_name",
        [BMP_ADMIN_LABEL] = "admin_label",
    };
    return type < BMP_INFORMATIONS ? names[type] : NULL;
}
