// SPDX-License-Identifier: ISC
#include "lab/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_room(struct text *text, size_t size)
{
    if (text->failed)
        return false;
    if (text->size + size + 1 <= text->capacity)
        return true;
    size_t capacity = (text->size + size + 1) * 2;
    char *bytes = realloc(text->bytes, capacity);
    text->failed = !bytes;
    if (bytes) {
        text->bytes = bytes;
        text->capacity = capacity;
    }
    return bytes != NULL;
}

void text_add_bytes(struct text *text, const char *bytes, size_t size)
{
    if (!has_room(text, size))
        return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size >= 0 && has_room(text, (size_t)size)) {
        vsnprintf(text->bytes + text->size, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

bool text_ok(const struct text *text)
{
    return !text->failed;
}

const char *text_get(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

void text_clear(struct text *text)
{
    text->size = 0;
    text->failed = false;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void text_done(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

int text_read_fd(struct text *text, int fd)
{
    char part[4096];
    for (;;) {
        ssize_t size = read(fd, part, sizeof part);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return size ? -errno : text_ok(text) ? 0 : -ENOMEM;
        text_add_bytes(text, part, (size_t)size);
    }
}

int text_read(struct text *text, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int result = text_read_fd(text, fd);
    close(fd);
    return result;
}

int text_write(const struct text *text, const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return -errno;
    size_t written = text->size ? fwrite(text->bytes, 1, text->size, file) : 0;
    int closed = fclose(file);
    return written == text->size && closed == 0 ? 0 : -EIO;
}
