// SPDX-License-Identifier: ISC
// Writes a recording of the outage of 2016-06-20 in the virtual world, as `fairlead run` would, and
// beside it the effects that came of it, as `fairlead replay --json` must give them.
//   record CONFIG RECORDING EFFECTS
#include "cmd/config_file.h"
#include "engine/world_check.h"
#include "role/recorder.h"
#include "role/teller.h"

#include <stdio.h>

static const struct world_event outage[] = {
    {WORLD_LOSS, 15000, 20000, 0, FAMILY_NONE, 380000},
};

static int write_recording(struct config_file *config, const char *path, char *events, size_t size)
{
    struct recorder recorder;
    const struct recorder_config header = {"site.yaml", config->text, config->size};
    snprintf(config->net.record_path, sizeof config->net.record_path, "%s", path);
    if (recorder_open(&recorder, &config->net, &header))
        return 3;
    int bad = fwrite(events, 1, size, recorder.file) != size;
    return recorder_close(&recorder) || bad ? 3 : 0;
}

static int write_effects(const struct world *world, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return 3;
    struct engine *engine = engine_new(&world->net);
    struct wall wall = {0};
    struct mono start = {0};
    char *rest = world->script, *line, text[MESSAGE_MAX], time[TELLER_TIME_MAX];
    world->script[world->script_size - 1] = '\0';
    while ((line = strtok_r(rest, "\n", &rest))) {
        struct event event;
        size_t count;
        if (!message_to_event(&world->net, line, strlen(line), &event, text))
            return 3;
        if (event.kind == EVENT_START) {
            wall = event.start.wall;
            start = event.at;
        }
        const struct effect *effects = engine_step(engine, &event, &count);
        for (size_t i = 0; i < count; i++) {
            message_from_effect(&world->net, &effects[i], text, sizeof text);
            if (effects[i].kind == EFFECT_LEASE)
                continue;
            wall.ns += mono_since_ns(effects[i].at, start);
            start = effects[i].at;
            fprintf(file, "{\"time\":\"%s\",%s\n", teller_time(wall, time), text + 1);
        }
    }
    engine_free(engine);
    return fclose(file) ? 3 : 0;
}

int main(int argc, char **argv)
{
    static struct config_file config;
    if (argc != 4 || config_file_load(&config, argv[1]) != 0)
        return 2;
    struct world *world = world_new(&config.net, 1, true);
    world->events = outage;
    world->event_count = 1;
    world_run(world, 45000);
    int status = write_recording(&config, argv[2], world->script, world->script_size);
    if (status == 0)
        status = write_effects(world, argv[3]);
    world_free(world);
    config_file_done(&config);
    return status;
}
