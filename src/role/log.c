// SPDX-License-Identifier: ISC
#include "role/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void log_line(const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    if (size > (int)sizeof line - 2)
        size = (int)sizeof line - 2;
    line[size++] = '\n';
    // A pipe that polls writable takes PIPE_BUF bytes at once: pipe(7).
    struct pollfd error_fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&error_fd, 1, 0) == 1 && (error_fd.revents & POLLOUT) &&
        write(STDERR_FILENO, line, (size_t)size) < 0)
        return;  // there is no other place to say so
}
