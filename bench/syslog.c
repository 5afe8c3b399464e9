// SPDX-License-Identifier: ISC
// Lines of a file, from memory, read and matched against the patterns: syslog_bench LINES DIRECTORY
// RUNS. Prints one JSON object: the CPU time of each run, and how many lines gave a fact.
#include "role/pattern_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct syslog_text read_all(const char *path)
{
    struct stat stat;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &stat) != 0)
        return (struct syslog_text){NULL, 0};
    char *bytes = malloc((size_t)stat.st_size + 1);
    size_t size = bytes ? fread(bytes, 1, (size_t)stat.st_size, file) : 0;
    fclose(file);
    return (struct syslog_text){bytes, size};
}

struct counts {
    uint64_t lines, facts;
};

static struct counts match_all(struct syslog_text text, const struct syslog_patterns *patterns)
{
    struct counts counts = {0};
    const char *end = text.at + text.size;
    for (const char *at = text.at; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        struct syslog_message message;
        struct syslog_match match;
        syslog_message_read(at, (size_t)(stop - at), &message);
        counts.lines++;
        counts.facts += syslog_patterns_match(patterns, &message, &match);
        at = stop + 1;
    }
    return counts;
}

int main(int argc, char **argv)
{
    char why[PATTERN_FILES_WHY_MAX] = "usage: syslog_bench LINES DIRECTORY RUNS";
    struct syslog_text text = argc == 4 ? read_all(argv[1]) : (struct syslog_text){NULL, 0};
    struct syslog_patterns *patterns = text.at ? pattern_files_load(argv[2], why) : NULL;
    if (!patterns) {
        fprintf(stderr, "syslog_bench: %s\n", why);
        return 2;
    }
    struct counts counts = {0};
    int runs = atoi(argv[3]);
    printf("{\"cpu_s\":[");
    for (int run = 0; run < runs; run++) {
        double began = cpu_s();
        counts = match_all(text, patterns);
        printf("%s%.6f", run > 0 ? "," : "", cpu_s() - began);
    }
    printf("],\"lines\":%llu,\"facts\":%llu,\"rules\":%u}\n", (unsigned long long)counts.lines,
           (unsigned long long)counts.facts, syslog_patterns_count(patterns));
    syslog_patterns_free(patterns);
    return 0;
}
