// SPDX-License-Identifier: ISC
#include "cmd/verbs.h"
#include "role/password.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const char help[] =
    "  fairlead password           asks for a password, prints what to write for it\n"
    "  fairlead password --token   a new token for a machine\n"
    "\n"
    "usage: fairlead password [--token]\n"
    "\n"
    "Without a terminal the password is the first line of standard input. It has 12 characters or\n"
    "more. What is printed goes into access.users or access.tokens of the configuration, see\n"
    "fairlead.yaml(5); neither password nor token can be found from it.\n"
    "\n"
    "  --token   a token instead, which is printed once, and its SHA-256\n"
    "  --help    this page\n"
    "\n"
    "Exit status: 0 printed, 2 wrong usage or no good password, 3 it cannot be asked for or "
    "hashed.\n";

// One line without its end, not shown while it is typed. False at the end of the input, and when it
// is too long.
static bool read_secret(const char *prompt, char *text, size_t size)
{
    struct termios shown, hidden;
    bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        hidden = shown;
        hidden.c_lflag &= (tcflag_t)~ECHO;
        fputs(prompt, stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool read = fgets(text, (int)size, stdin);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    if (!read)
        return false;
    size_t end = strcspn(text, "\r\n");
    bool whole = text[end] != '\0' || feof(stdin);
    text[end] = '\0';
    return whole;
}

static int refuse(const char *what)
{
    fprintf(stderr, "fairlead: password: %s\n", what);
    return 2;
}

static int make_password(void)
{
    char password[PASSWORD_MAX], again[PASSWORD_MAX], hash[PASSWORD_HASH_MAX];
    if (!read_secret("Password: ", password, sizeof password))
        return refuse("nothing was written, or too much: write 12 to 250 characters");
    if (strlen(password) < PASSWORD_MIN)
        return refuse("too short: write 12 characters or more, such as four words");
    if (isatty(STDIN_FILENO) &&
        (!read_secret("The same again: ", again, sizeof again) || strcmp(password, again) != 0))
        return refuse("these are not the same: try again");
    bool good = password_hash(password, hash);
    explicit_bzero(password, sizeof password);
    explicit_bzero(again, sizeof again);
    if (!good) {
        fprintf(stderr, "fairlead: password: cannot hash it: out of memory\n");
        return 3;
    }
    puts(hash);
    return 0;
}

static int make_token(void)
{
    char token[TOKEN_TEXT_MAX], digest[TOKEN_DIGEST_MAX];
    if (!token_make(token, digest)) {
        fprintf(stderr, "fairlead: password: the kernel gives no random bytes\n");
        return 3;
    }
    printf("token: %s\nsha256: %s\n", token, digest);
    return 0;
}

int cmd_password(int argc, char **argv)
{
    if (argc == 1)
        return make_password();
    if (argc == 2 && strcmp(argv[1], "--token") == 0)
        return make_token();
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return 0;
    }
    fprintf(stderr, "fairlead: password: wrong arguments: try fairlead password --help\n");
    return 2;
}
