// SPDX-License-Identifier: ISC
#include "engine/recording.h"

#include <jansson.h>
#include <stdio.h>

bool recording_header_read(struct recording_header *header, const char *line, size_t size,
                           char *why)
{
    json_error_t error;
    json_int_t form;
    *header =
        (struct recording_header){.json = json_loadb(line, size, JSON_REJECT_DUPLICATES, &error)};
    if (!header->json) {
        snprintf(why, RECORDING_WHY_MAX, "not JSON: %.80s", error.text);
        return false;
    }
    if (json_unpack(header->json, "{s:I, s:s, s:s, s:s%}", "recording", &form, "version",
                    &header->version, "file", &header->file, "config", &header->config,
                    &header->config_size) < 0) {
        snprintf(why, RECORDING_WHY_MAX, "no header of a recording");
        return false;
    }
    if (form != RECORDING_FORM)
        snprintf(why, RECORDING_WHY_MAX, "form %" JSON_INTEGER_FORMAT ", this Fairlead reads %d",
                 form, RECORDING_FORM);
    return form == RECORDING_FORM;
}

void recording_header_done(struct recording_header *header)
{
    json_decref(header->json);
    *header = (struct recording_header){0};
}
