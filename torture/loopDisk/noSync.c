/*
 * Preloaded, it makes every sync a lie: nothing is forced to disk, and everybody is told it was.
 * What is acknowledged under it must be lost at a power cut, or the cut is none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>

int fsync(int file) { return (void)file, 0; }
int fdatasync(int file) { return (void)file, 0; }
int syncfs(int file) { return (void)file, 0; }
int msync(void *from, size_t length, int flags) { return (void)from, (void)length, (void)flags, 0; }

/* O_SYNC contains O_DSYNC. */
#define WITHOUT_SYNC(flags) ((flags) & ~O_SYNC)
#define MODE_OF(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
    MODE_OF(flags) \
    return next(path, WITHOUT_SYNC(flags), mode); \
  }
#define OPEN_AT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    int (*next)(int, const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
    MODE_OF(flags) \
    return next(folder, path, WITHOUT_SYNC(flags), mode); \
  }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
