// SPDX-License-Identifier: ISC
#include "role/secret.h"

#include "role/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(int fd, const struct secret_file *file, const char *what, char *why)
{
    snprintf(why, ROLE_ERROR_MAX, "cannot %s '%s': %s", file->cannot, file->path, what);
    if (fd >= 0)
        close(fd);
    return false;
}

bool secret_read_whole(const struct secret_file *file, char *text, size_t size, char *why)
{
    struct stat about;
    int fd =
        open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // it may be a pipe that nobody fills
    text[0] = '\0';
    if (fd < 0 || fstat(fd, &about) < 0)
        return refuse(fd, file, strerror(errno), why);
    if (!S_ISREG(about.st_mode))
        return refuse(fd, file, "it is no ordinary file", why);
    if (about.st_mode & file->refused)
        return refuse(fd, file, "others may read it: chmod 600", why);
    ssize_t got = read(fd, text, size);
    int error = errno;
    text[got > 0 && (size_t)got < size ? got : 0] = '\0';
    if (got < 0)
        return refuse(fd, file, strerror(error), why);
    if ((size_t)got == size)
        return refuse(fd, file, "it is too long", why);
    if (text[0] == '\0')
        return refuse(fd, file, "it is empty", why);
    close(fd);
    return true;
}

bool secret_read(const char *path, char *text, size_t size, char *why)
{
    const struct secret_file file = {path, "use the secret in", 077};
    if (!secret_read_whole(&file, text, size, why))
        return false;
    text[strcspn(text, "\r\n")] = '\0';
    return text[0] ? true : refuse(-1, &file, "it is empty", why);
}
