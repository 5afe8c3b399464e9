// SPDX-License-Identifier: ISC
// What the protocols of `fairlead decode` share: hexadecimal lines in, JSON lines out.
#pragma once

#include "base/cursor.h"

#include <jansson.h>
#include <stdio.h>

struct decode_form {
    // Adds to `object` what the octets of one line say.
    void (*message)(json_t *object, struct cursor bytes, const void *settings);
    // The same for a line that holds no octets to read.
    void (*refuse)(json_t *object, const char *reason);
    const void *settings;  // for message()
};

// Prints one object for each line of `path` (NULL: standard input). Gives the exit status.
int decode_hex_lines(const char *path, const struct decode_form *form);

// NULL is standard input. On failure NULL, and it was said why.
FILE *decode_open(const char *path);
// Prints an object and lets it go; false when it could not be written, and it was said why.
bool decode_print(json_t *object);
bool decode_read_port(const char *text, uint16_t *port);
// The exit status when all was read and printed; what failed until then, it says.
int decode_finish(FILE *in);

// Both say what is wrong, and give the exit status.
int decode_wrong_option(const char *protocol, const char *option);
int decode_too_many(const char *file);

int decode_bgp(int argc, char **argv);
int decode_bmp(int argc, char **argv);
int decode_icmp(int argc, char **argv);
int decode_stamp(int argc, char **argv);
int decode_syslog(int argc, char **argv);
