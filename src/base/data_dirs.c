// SPDX-License-Identifier: ISC
#include "base/data_dirs.h"

#define UNDER(directory)                                                                           \
    {                                                                                              \
        directory "/scenarios/", directory "/patterns", directory "/patterns/shell",               \
            directory "/patterns/trap"                                                             \
    }

// FAIRLEAD_SOURCE_DIR: of the program in the directory where it is built (packaging/meson.build).
#ifdef FAIRLEAD_SOURCE_DIR
const struct data_dirs data_dirs[2] = {UNDER(FAIRLEAD_SOURCE_DIR), UNDER(FAIRLEAD_DATA_DIR)};
#else
const struct data_dirs data_dirs[2] = {UNDER(FAIRLEAD_DATA_DIR), UNDER(FAIRLEAD_DATA_DIR)};
#endif
