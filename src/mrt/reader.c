// SPDX-License-Identifier: ISC
#include "mrt/reader.h"

const char *mrt_type_name(uint16_t type)
{
    static const char *const names[] = {
        [0] = "NULL",
        [1] = "START",
        [2] = "DIE",
        [3] = "I_AM_DEAD",
        [4] = "PEER_DOWN",
        [MRT_BGP] = "BGP",
        [6] = "RIP",
        [7] = "IDRP",
        [8] = "RIPNG",
        [9] = "BGP4PLUS",
        [10] = "BGP4PLUS_01",
        [11] = "OSPFv2",
        [MRT_TABLE_DUMP] = "TABLE_DUMP",
        [MRT_TABLE_DUMP_V2] = "TABLE_DUMP_V2",
        [MRT_BGP4MP] = "BGP4MP",
        [MRT_BGP4MP_ET] = "BGP4MP_ET",
        [32] = "ISIS",
        [33] = "ISIS_ET",
        [48] = "OSPFv3",
        [49] = "OSPFv3_ET",
    };
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}
