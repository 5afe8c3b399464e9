// SPDX-License-Identifier: ISC
// Lines to standard error, from roles that must never wait: what a pipe that nobody reads has no
// room for is dropped, so that a paused pager cannot stop keepalives or probes.
#pragma once

enum { LOG_LINE_MAX = 512 };  // bytes, with the line's end; longer ones are cut

// One line; its end is added.
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
