// SPDX-License-Identifier: ISC
// `fairlead top`: the terminal's side. What is drawn, and what keys do, is in top_draw.c and
// top_keys.c.
#include "cmd/top.h"

#include "cmd/top_link.h"
#include "cmd/verbs.h"
#include "role/now.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char help[] =
    "  fairlead top                    what the running daemon sees, live, on the whole screen\n"
    "  fairlead top -c fairlead.yaml   of the daemon with this configuration\n"
    "  NO_COLOR=1 fairlead top         without colour; whatever has a colour has a word too\n"
    "\n"
    "On top one sentence: is anything wrong, since when, what did Fairlead do. Below open outages\n"
    "(enter: causes and evidence), each way out with loss and delay in each family, faults,\n"
    "drains, sessions, notices, and what was told last. Keys: arrows, page up and down, ? for "
    "help,\n"
    "q to quit. A daemon that is gone is called until it is there again.\n"
    "\n"
    "  -c, --config FILE  the daemon's configuration, for its control socket\n"
    "  --control PATH     the control socket itself\n"
    "  --help             this page\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, or no terminal that can be drawn on.\n";

enum { ESCAPE_MS = 50, ESCAPE = 27, DELETE = 127 };  // a lone escape from one that begins a key

struct screen {
    SCREEN *terminal;
    int signals;
    bool colour, utf8;
};

// ---- keys

static enum top_key key_of(int key)
{
    static const struct {
        int key;
        enum top_key does;
    } keys[] = {
        {KEY_UP, TOP_UP},
        {'k', TOP_UP},
        {KEY_DOWN, TOP_DOWN},
        {'j', TOP_DOWN},
        {KEY_PPAGE, TOP_PAGE_UP},
        {'b', TOP_PAGE_UP},
        {KEY_NPAGE, TOP_PAGE_DOWN},
        {' ', TOP_PAGE_DOWN},
        {KEY_HOME, TOP_FIRST},
        {'g', TOP_FIRST},
        {KEY_END, TOP_LAST},
        {'G', TOP_LAST},
        {'\n', TOP_OPEN},
        {'\r', TOP_OPEN},
        {KEY_ENTER, TOP_OPEN},
        {KEY_RIGHT, TOP_OPEN},
        {'l', TOP_OPEN},
        {ESCAPE, TOP_BACK},
        {KEY_BACKSPACE, TOP_BACK},
        {DELETE, TOP_BACK},
        {KEY_LEFT, TOP_BACK},
        {'?', TOP_ASK_HELP},
        {'h', TOP_ASK_HELP},
        {'q', TOP_QUIT},
        {'Q', TOP_QUIT},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].key == key)
            return keys[i].does;
    return TOP_NOTHING;
}

// ---- what a cell looks like

static attr_t look_of(const struct screen *screen, const struct canvas_cell *cell)
{
    static const attr_t looks[CANVAS_INKS] = {
        [CANVAS_FAINT] = A_DIM,
        [CANVAS_TITLE] = A_BOLD,
        [CANVAS_WARN] = A_BOLD,
        [CANVAS_BAD] = A_BOLD,
    };
    attr_t look = looks[cell->ink];
    if (cell->ink == CANVAS_BAD && !screen->colour)
        look |= A_UNDERLINE;
    if (screen->colour)
        look |= COLOR_PAIR(cell->ink);
    return cell->marked ? (look & ~A_DIM) | A_REVERSE : look;
}

static void put_cell(const struct screen *screen, const struct canvas_cell *cell)
{
    cchar_t character;
    wchar_t text[2] = {(wchar_t)cell->character, 0};
    if (!screen->utf8 && cell->character > 0x7e)
        text[0] = cell->character == 0x2026 ? L'~' : L'?';
    setcchar(&character, text, look_of(screen, cell), screen->colour ? (short)cell->ink : 0, NULL);
    add_wch(&character);
}

static void show(const struct screen *screen, struct top *top)
{
    struct canvas canvas;
    canvas_init(&canvas, (uint32_t)LINES, (uint32_t)COLS);
    top_draw(top, &canvas);
    erase();
    for (uint32_t row = 0; row < canvas.rows; row++) {
        move((int)row, 0);
        for (uint32_t column = 0; column < canvas.columns; column++)
            put_cell(screen, &canvas.cells[(size_t)row * canvas.columns + column]);
    }
    refresh();
    canvas_done(&canvas);
}

// ---- the terminal

static void choose_colours(struct screen *screen)
{
    static const short colours[CANVAS_INKS] = {
        [CANVAS_PLAIN] = -1,         [CANVAS_FAINT] = -1,          [CANVAS_TITLE] = -1,
        [CANVAS_GOOD] = COLOR_GREEN, [CANVAS_WARN] = COLOR_YELLOW, [CANVAS_BAD] = COLOR_RED,
    };
    const char *no_color = getenv("NO_COLOR");  // no-color.org: set and not empty
    screen->colour = has_colors() && !(no_color && no_color[0]) && start_color() == OK &&
                     use_default_colors() == OK;
    for (short ink = 1; screen->colour && ink < CANVAS_INKS; ink++)
        init_pair(ink, colours[ink], -1);
}

// Signals become something to read: the terminal is always given back as it was.
static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGWINCH);
    return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -1 : signalfd(-1, &set, SFD_CLOEXEC);
}

static bool open_screen(struct screen *screen)
{
    setlocale(LC_CTYPE, "");
    screen->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    screen->signals = open_signals();
    screen->terminal = screen->signals >= 0 ? newterm(NULL, stdout, stdin) : NULL;
    if (!screen->terminal)
        return false;
    set_escdelay(ESCAPE_MS);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    curs_set(0);
    choose_colours(screen);
    return true;
}

static void resize(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
}

// False: a signal that ends us.
static bool take_signal(const struct screen *screen)
{
    struct signalfd_siginfo info;
    if (read(screen->signals, &info, sizeof info) != sizeof info)
        return false;
    if (info.ssi_signo == SIGWINCH)
        resize();
    return info.ssi_signo == SIGWINCH;
}

// ---- the loop

// False: the reader has had enough.
static bool take_keys(struct top *top)
{
    bool goes_on = true;
    for (int key; goes_on && (key = getch()) != ERR;)
        goes_on = top_take(top, key_of(key));
    return goes_on;
}

static void take_news(struct top *top, struct top_link *link, struct mono now, struct mono *heard)
{
    switch (top_link_turn(link, now)) {
    case TOP_LINK_PICTURE:
        json_decref(top->picture);
        json_decref(top->outages);
        top->picture = link->picture;
        top->outages = link->outages;
        link->picture = link->outages = NULL;
        top_sort(top->outages);
        top->trouble[0] = '\0';
        *heard = now;
        break;
    case TOP_LINK_TROUBLE:
        snprintf(top->trouble, sizeof top->trouble, "%s", link->why);
        break;
    case TOP_LINK_NOTHING:
        break;
    }
    top->silent_ns = mono_since_ns(now, *heard);
}

static void run(const struct screen *screen, struct top_link *link)
{
    struct top top = {.follows = true};
    struct mono heard = now_mono();
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = screen->signals, .events = POLLIN},
                           {.fd = -1, .events = POLLIN}};
    for (bool goes_on = true; goes_on;) {
        take_news(&top, link, now_mono(), &heard);
        show(screen, &top);
        fds[2].fd = link->fd;
        poll(fds, 3, top_link_wait_ms(link, now_mono()));
        bool gone = fds[0].revents & (POLLHUP | POLLERR | POLLNVAL);  // and no key will come
        goes_on = !gone && take_keys(&top) && (!fds[1].revents || take_signal(screen));
    }
    json_decref(top.picture);
    json_decref(top.outages);
}

int cmd_top(int argc, char **argv)
{
    struct asking asking = {0};
    struct top_link link = {0};
    struct screen screen = {0};
    int status = asking_plain(&asking, "top", help, argc, argv);
    if (status == ASKING_GOES_ON && asking.json)
        status = asking_wrong("top", "a screen is no JSON: fairlead status --json");
    if (status == ASKING_GOES_ON)
        status = asking_path(&asking, link.path);
    if (status != 0 || asking.help)
        return status;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return asking_wrong("top", "this is no terminal: fairlead status prints the same");
    if (!open_screen(&screen))
        return asking_wrong("top", "this terminal cannot be drawn on: is TERM right?");
    top_link_init(&link);
    run(&screen, &link);
    top_link_done(&link);
    endwin();
    delscreen(screen.terminal);
    close(screen.signals);
    return 0;
}
