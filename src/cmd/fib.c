// SPDX-License-Identifier: ISC
#include "cmd/asking.h"
#include "cmd/columns.h"
#include "cmd/verbs.h"

static const char help[] =
    "  fairlead fib          the routers' kernels against what BGP chose, and what stands\n"
    "  fairlead fib edge1    of this router only\n"
    "\n"
    "  router  from                  state    IPv4    IPv6  compared  why\n"
    "  edge1   local                 known  998877  201234   1200110  -\n"
    "  edge2   agent 192.0.2.2 ...   lost        0       0         0  no agent answers\n"
    "\n"
    "  router  class     of                count  evidence\n"
    "  edge1   next_hop  198.51.100.0/24       1  BGP chose ..., the kernel has ...\n"
    "\n"
    "A kernel that is 'lost' cannot be read: nothing is said of it but why. The classes are those\n"
    "of the notices: see 'Kernels' in `man fairlead`.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --json             one JSON object a line: \"kernel\", \"finding\"; the last has \"done\"\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 all is known and nothing stands, 1 something stands or is unknown, 2 wrong "
    "usage,\n"
    "3 the daemon does not answer.\n";

struct picture {
    struct columns kernels, findings;
};

static void add_heads(struct columns *columns, const char *const *heads)
{
    for (uint32_t i = 0; columns->cells < columns->count; i++)
        columns_add(columns, heads[i]);
}

static void add_number(struct columns *columns, const json_t *object, const char *key)
{
    columns_addf(columns, "%lld", (long long)json_integer_value(json_object_get(object, key)));
}

static void show_kernel(struct columns *columns, const json_t *kernel)
{
    static const char *const heads[] = {"router", "from",     "state", "IPv4",
                                        "IPv6",   "compared", "why"};
    add_heads(columns, heads);
    columns_add(columns, asking_text(kernel, "router"));
    columns_add(columns, asking_text(kernel, "from"));
    columns_add(columns, json_is_true(json_object_get(kernel, "known")) ? "known" : "lost");
    add_number(columns, kernel, "routes_ipv4");
    add_number(columns, kernel, "routes_ipv6");
    add_number(columns, kernel, "compared");
    columns_add(columns, asking_text(kernel, "reason"));
}

static void show_finding(struct columns *columns, const json_t *finding)
{
    static const char *const heads[] = {"router", "class", "of", "count", "evidence"};
    const char *prefix = asking_text(finding, "prefix"), *subject = asking_text(finding, "subject");
    add_heads(columns, heads);
    columns_add(columns, asking_text(finding, "router"));
    columns_add(columns, asking_text(finding, "class"));
    columns_add(columns, subject ? subject : prefix);
    add_number(columns, finding, "count");
    columns_add(columns, asking_text(finding, "evidence"));
}

static void show(void *context, json_t *line)
{
    struct picture *picture = context;
    const json_t *kernel = json_object_get(line, "kernel");
    const json_t *finding = json_object_get(line, "finding");
    if (kernel)
        show_kernel(&picture->kernels, kernel);
    else if (finding)
        show_finding(&picture->findings, finding);
}

static int run(const struct asking *asking, const struct ask *ask)
{
    struct picture picture;
    json_t *done;
    columns_init(&picture.kernels, 7, 1 << 3 | 1 << 4 | 1 << 5);
    columns_init(&picture.findings, 5, 1 << 3);
    int status =
        asking_run(asking, ask, (struct asking_show){.show = show, .context = &picture}, &done);
    if (!asking->json && status == 0) {
        columns_print(&picture.kernels, "");
        puts(columns_rows(&picture.findings) > 0  ? ""
             : columns_rows(&picture.kernels) > 0 ? "nothing stands"
                                                  : "no kernel is compared: see the key 'fib'");
        columns_print(&picture.findings, "");
    }
    if (status == 0 && (json_integer_value(json_object_get(done, "findings")) > 0 ||
                        json_integer_value(json_object_get(done, "lost")) > 0))
        status = 1;
    json_decref(done);
    columns_done(&picture.kernels);
    columns_done(&picture.findings);
    return status;
}

int cmd_fib(int argc, char **argv)
{
    struct asking asking = {0};
    struct ask ask = {.kind = ASK_FIB, .version = ASK_VERSION};
    int status = asking_options(&asking, "fib", help, argc, argv);
    if (status != ASKING_GOES_ON)
        return status;
    if (argc - optind > 1)
        return asking_wrong("fib", "too many arguments");
    const char *router = optind < argc ? argv[optind] : "";
    if ((size_t)snprintf(ask.fib.router, sizeof ask.fib.router, "%s", router) >=
        sizeof ask.fib.router)
        return asking_wrong("fib", "a router's name is shorter");
    return run(&asking, &ask);
}
