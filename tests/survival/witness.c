/* Preloaded into the bot: writes down, in order, what it stores and what it sends.
 *
 * WITNESS names the file: a line "write PATH", "sync PATH" or "send" for each call, in one append.
 * SYNC_MILLISECONDS makes each sync as slow as that of a slow disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *what, int fd) {
    static int log = -1;
    static ssize_t (*real)(int, const void *, size_t);
    char link[64], path[512] = "", line[600];
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (log < 0) log = open(getenv("WITNESS"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, path, sizeof path - 1);
        path[n > 0 ? n : 0] = 0;
    }
    int n = snprintf(line, sizeof line, "%s %s\n", what, path);
    if (real(log, line, n) != n) abort();
}

/* The event loop wakes itself over a socket of another kind. */
static int over_the_network(int fd) {
    struct sockaddr_storage to;
    socklen_t length = sizeof to;
    if (getpeername(fd, (struct sockaddr *)&to, &length)) return 0;
    return to.ss_family == AF_INET || to.ss_family == AF_INET6;
}

static void slowly(void) {
    const char *milliseconds = getenv("SYNC_MILLISECONDS");
    if (milliseconds) usleep(1000 * atoi(milliseconds));
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    slowly();
    int result = real(fd);
    note("sync", fd);
    return result;
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    slowly();
    int result = real(fd);
    note("sync", fd);
    return result;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    note("write", fd);
    return real(fd, data, length, at);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite");
    note("write", fd);
    return real(fd, data, length, at);
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    static ssize_t (*real)(int, const void *, size_t, int);
    if (!real) real = dlsym(RTLD_NEXT, "send");
    if (over_the_network(fd)) note("send", -1);
    return real(fd, data, length, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    static ssize_t (*real)(int, const struct msghdr *, int);
    if (!real) real = dlsym(RTLD_NEXT, "sendmsg");
    if (over_the_network(fd)) note("send", -1);
    return real(fd, message, flags);
}
