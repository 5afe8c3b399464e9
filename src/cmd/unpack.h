// SPDX-License-Identifier: ISC
// A file or standard input as a stream of octets, unpacked where it is gzip, bzip2 or zstd: known
// by its first octets, not by its name. Several packed streams one behind the other are one.
#pragma once

#include <stddef.h>

struct unpack;

// "-" is standard input. NULL when it cannot be opened, or without memory; errno says why.
struct unpack *unpack_open(const char *path);
void unpack_close(struct unpack *u);

// Up to `size` octets; 0 at the end, and where nothing more can be had: then unpack_error() says
// why. What came before stays good.
size_t unpack_read(struct unpack *u, void *bytes, size_t size);

// "the gzip stream ends early"; NULL while all is well.
const char *unpack_error(const struct unpack *u);
