// SPDX-License-Identifier: ISC
#include "lab/said.h"

#include <math.h>
#include <string.h>

static bool has_words(const struct guard *guard, const struct effect *effect,
                      const struct scenario_said *said)
{
    char line[MESSAGE_MAX], name[64];
    size_t size = message_from_effect(&guard->net, effect, line, sizeof line - 1);
    line[size] = '\0';
    snprintf(name, sizeof name, "\"effect\":\"%s\"", said->effect);
    if (!strstr(line, name))
        return false;
    for (uint32_t i = 0; i < said->word_count; i++)
        if (!strstr(line, said->words[i]))
            return false;
    return true;
}

double said_ms(const struct guard *guard, const struct scenario_said *said,
               const struct said_times *times)
{
    int64_t since =
        said->after == SCENARIO_FIRST_LOSS ? times->first_faulty_ns : times->begun_ns[said->after];
    int64_t until =
        said->before_loss && times->first_faulty_ns ? times->first_faulty_ns : INT64_MAX;
    for (size_t i = 0; since && i < guard->effect_count; i++) {
        const struct guard_effect *seen = &guard->effects[i];
        if (seen->heard_ns >= since && seen->heard_ns < until &&
            has_words(guard, &seen->effect, said))
            return (double)(seen->heard_ns - since) / NS_PER_MS;
    }
    return NAN;
}
