// SPDX-License-Identifier: ISC
// A recording of the engine's input. Its first line holds the whole configuration, so that the file
// explains itself; then comes each event as engine/message.h writes it, one a line.
//   {"recording":1,"version":"0.1.0","file":"fairlead.yaml","config":"site: fra1\n..."}
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { RECORDING_FORM = 1, RECORDING_WHY_MAX = 128 };

struct recording_header {
    void *json;           // what the texts are part of
    const char *version;  // of the Fairlead that recorded
    const char *file, *config;
    size_t config_size;
};

// False when the line is no such header; `why` (RECORDING_WHY_MAX bytes) says what is wrong.
// recording_header_done() in every case.
bool recording_header_read(struct recording_header *header, const char *line, size_t size,
                           char *why);
void recording_header_done(struct recording_header *header);
