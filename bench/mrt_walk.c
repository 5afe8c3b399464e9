// SPDX-License-Identifier: ISC
// A bare walk over the records of an MRT file: what reading it costs at the least. Prints how many
// there are. To measure against, never installed.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int main(int argc, char **argv)
{
    enum { HEADER_SIZE = 12, LENGTH_AT = 8 };
    struct stat about;
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    if (fd < 0 || fstat(fd, &about) != 0) {
        fprintf(stderr, "usage: mrt_walk FILE\n");
        return 2;
    }
    size_t size = (size_t)about.st_size, at = 0, records = 0;
    const uint8_t *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return 3;
    for (; size - at >= HEADER_SIZE; records++) {
        size_t whole = HEADER_SIZE + (size_t)be32(bytes + at + LENGTH_AT);
        if (whole > size - at)
            break;
        at += whole;
    }
    printf("%zu\n", records);
    return 0;
}
