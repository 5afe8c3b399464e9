// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead notices          what stands about tables and sessions, and what was told last\n"
    "  fairlead notices --json   the same, one JSON object a line\n"
    "\n"
    "  standing\n"
    "  2026-10-03T07:01:22Z  error  own prefix withdrawn  203.0.113.0/24  edge1  was by ...\n"
    "  told last\n"
    "  2026-10-03T07:01:22Z  error  own prefix withdrawn  203.0.113.0/24  edge1  was by ...\n"
    "\n"
    "Notices are for people: none of them moves traffic. With --json each is within \"stands\" or\n"
    "\"told\": \"notice\" names its kind, \"since\" says since when, \"raised\" false that it is "
    "over.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 3 the daemon does not "
    "answer.\n";

struct lists {
    struct columns stands, told;
};

static void show(void *context, json_t *line)
{
    struct lists *lists = context;
    const json_t *notice = json_object_get(line, "stands");
    struct columns *columns = notice ? &lists->stands : &lists->told;
    notice = notice ? notice : json_object_get(line, "told");
    const char *time = json_string_value(json_object_get(notice, "time"));
    const char *peer = json_string_value(json_object_get(notice, "peer"));
    bool raised = json_is_true(json_object_get(notice, "raised"));
    const char *severity = json_string_value(json_object_get(notice, "severity"));
    columns_addf(columns, "%.19sZ", time ? time : "");
    columns_add(columns, raised ? severity : "over");
    columns_add(columns, json_string_value(json_object_get(notice, "words")));
    columns_add(columns, json_string_value(json_object_get(notice, "prefix")));
    columns_add(columns, peer && peer[0] ? peer : NULL);
    columns_add(columns, json_string_value(json_object_get(notice, "text")));
}

static int run(const struct asking *asking)
{
    struct lists lists;
    json_t *done;
    const struct ask ask = {.kind = ASK_NOTICES, .version = ASK_VERSION};
    columns_init(&lists.stands, 6, 0);
    columns_init(&lists.told, 6, 0);
    int status =
        asking_run(asking, &ask, (struct asking_show){.show = show, .context = &lists}, &done);
    if (!asking->json && status == 0) {
        puts(columns_rows(&lists.stands) > 0 ? "standing" : "nothing stands");
        columns_print(&lists.stands, "");
        if (columns_rows(&lists.told) > 0)
            puts("told last");
        columns_print(&lists.told, "");
    }
    json_decref(done);
    columns_done(&lists.stands);
    columns_done(&lists.told);
    return status;
}

int cmd_notices(int argc, char **argv)
{
    struct asking asking = {0};
    int status = asking_plain(&asking, "notices", help, argc, argv);
    return status == ASKING_GOES_ON ? run(&asking) : status;
}
