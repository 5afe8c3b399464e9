// SPDX-License-Identifier: ISC
// Runs a fuzzer's entry over every file of a corpus directory, for builds without libFuzzer: each
// as it is, cut at every octet, and with every octet in turn set to 00 and to ff.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MANGLED_MAX = 4608 };  // octets: of a longer input only so many are mangled, for time

// From a buffer of its own of that very size, so that a sanitizer sees a step behind the end.
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (!exact)
        abort();
    if (size > 0)
        memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void run_mangled(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && i < MANGLED_MAX; i++) {
        uint8_t octet = bytes[i];
        run(bytes, i);
        bytes[i] = 0x00;
        run(bytes, size);
        bytes[i] = 0xff;
        run(bytes, size);
        bytes[i] = octet;
    }
}

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    if (!directory) {
        fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
        return 2;
    }
    size_t ran = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        FILE *file = entry->d_type == DT_REG ? fopen(path, "rb") : NULL;
        if (!file)
            continue;
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        run(bytes, size);
        run_mangled(bytes, size);
        ran++;
    }
    closedir(directory);
    printf("%zu inputs ran\n", ran);
    return ran > 0 ? 0 : 1;  // an empty corpus proves nothing
}
