// SPDX-License-Identifier: ISC
#include "lab/lab.h"

#include "lab/daemons.h"
#include "lab/ground.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int lab_fail(struct lab *lab, int result, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(lab->why, sizeof lab->why, text, arguments);
    va_end(arguments);
    return result;
}

const char *lab_path(const struct lab *lab, uint32_t node, const char *name, char *path)
{
    const char *node_name = lab->scenario->nodes[node].name;
    if (strcmp(name, ".") == 0)
        snprintf(path, SPACE_PATH_MAX, "%s/%.40s", lab->space.directory, node_name);
    else
        snprintf(path, SPACE_PATH_MAX, "%s/%.40s/%.30s", lab->space.directory, node_name, name);
    return path;
}

const char *lab_word(const struct lab *lab, const char *word, char *path)
{
    if (strcmp(word, "fairlead") == 0)
        return lab->program;
    bool is_file =
        strncmp(word, "./", 2) == 0 && scenario_path(lab->scenario, word + 2, path, LAB_WORD_MAX);
    return is_file ? path : word;
}

bool lab_expand(const struct lab *lab, uint32_t node, const char *line, char expanded[LAB_LINE_MAX])
{
    char directory[SPACE_PATH_MAX];
    size_t size = 0;
    lab_path(lab, node, ".", directory);
    for (; *line && size < LAB_LINE_MAX; line++)
        size += (size_t)snprintf(expanded + size, LAB_LINE_MAX - size, "%.*s",
                                 *line == '@' ? (int)sizeof directory : 1,
                                 *line == '@' ? directory : line);
    return size > 0 && size < LAB_LINE_MAX;
}

int lab_run(struct lab *lab, uint32_t node, const char *line, const char *input,
            struct text *output)
{
    char paths[2][LAB_WORD_MAX];  // of files of the scenario: a program, and what it works on
    char copy[LAB_LINE_MAX], *rest = NULL;
    const char *words[24] = {0};
    size_t count = 0, files = 0;
    if (!lab_expand(lab, node, line, copy))
        return -EINVAL;
    for (char *word = strtok_r(copy, " ", &rest); word && count < 23;
         word = strtok_r(NULL, " ", &rest)) {
        words[count] = lab_word(lab, word, paths[files % 2]);
        files += words[count++] == paths[files % 2];
    }
    return process_run(&(struct process_how){.space = lab->namespaces[node], .argv = words}, input,
                       output);
}

int lab_open(struct lab *lab, const struct scenario *scenario, const char *program)
{
    *lab = (struct lab){.scenario = scenario, .program = program};
    for (uint32_t i = 0; i < SCENARIO_NODES_MAX; i++)
        lab->namespaces[i] = -1;
    int result = space_open(&lab->space);
    if (result < 0)
        return lab_fail(lab, result, "cannot claim a place in /run: %s", strerror(-result));
    result = ground_build(lab);
    if (result == 0 && (result = wires_start(&lab->wires, scenario, lab->namespaces)) < 0)
        lab_fail(lab, result, "cannot start a wire; has each two ports?");
    return result == 0 ? daemons_start(lab) : result;
}

void lab_close(struct lab *lab)
{
    wires_stop(&lab->wires);
    for (uint32_t i = 0; i < SCENARIO_NODES_MAX; i++)
        if (lab->namespaces[i] >= 0)
            close(lab->namespaces[i]);
    space_close(&lab->space);
}
