/*
 * Records what a program and its children do to the files below one folder, for LD_PRELOAD.
 *
 *   TORTURE_ROOT   the folder, an absolute path without links
 *   TORTURE_LOG    where the records go; its order is the order in which the calls returned
 *
 * A record is written when its call has returned, by one appending write, so that records of
 * different threads and processes never mix and none claims what has not happened yet. A sync has
 * two: it covers what returned before it began. What the first process writes to its standard
 * output is recorded as well: these are its announcements.
 *
 * DiskEvent.ts reads the records.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))
#define MAX_PIECES 1024

static const char *root;
static size_t root_length;
static int log_file = -1;
static int is_first;

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("TORTURE_LOG");
  root = getenv("TORTURE_ROOT");
  if (root == NULL || path == NULL) return;
  root_length = strlen(root);
  is_first = getenv("TORTURE_IS_CHILD") == NULL;
  setenv("TORTURE_IS_CHILD", "1", 1);
  log_file = REAL(open64)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

struct head {
  uint8_t type;
  uint8_t unused[3];
  uint32_t path_bytes; /* then the path, then the second path or the data */
  uint32_t data_bytes;
  uint32_t unused_too;
  uint64_t inode;
  uint64_t at; /* an offset, or a length */
};

static void record(struct head head, const char *path, const struct iovec *data, int pieces) {
  struct iovec all[MAX_PIECES + 2];
  size_t left = head.data_bytes;
  int count = 2;
  head.path_bytes = path == NULL ? 0 : strlen(path);
  all[0] = (struct iovec){&head, sizeof head};
  all[1] = (struct iovec){(void *)path, head.path_bytes};
  for (int n = 0; n < pieces && left > 0; n += 1) {
    size_t bytes = data[n].iov_len < left ? data[n].iov_len : left;
    all[count++] = (struct iovec){data[n].iov_base, bytes};
    left -= bytes;
  }
  size_t expected = sizeof head + head.path_bytes + head.data_bytes;
  int before = errno;
  if (REAL(writev)(log_file, all, count) != (ssize_t)expected) abort();
  errno = before;
}

static int is_below(const char *path) {
  return log_file >= 0 && strncmp(path, root, root_length) == 0 &&
         (path[root_length] == '/' || path[root_length] == 0);
}

static uint64_t inode_of(int file) {
  struct stat64 stats;
  int before = errno;
  uint64_t inode = fstat64(file, &stats) == 0 ? stats.st_ino : 0;
  errno = before;
  return inode;
}

static int is_ours(int file) {
  char link[64], path[PATH_MAX];
  int before = errno;
  if (log_file < 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

/* --- files ----------------------------------------------------------------------------------- */

static void record_write(int file, const struct iovec *data, int pieces, off64_t at, ssize_t done) {
  if (done <= 0) return;
  if (file == STDOUT_FILENO && is_first && log_file >= 0) {
    record((struct head){.type = 'A', .data_bytes = done}, NULL, data, pieces);
  } else if (is_ours(file)) {
    if (at < 0) at = lseek64(file, 0, SEEK_CUR) - done;
    /* A write through O_DSYNC or O_SYNC is on disk when it returns. */
    uint8_t type = (fcntl(file, F_GETFL) & O_DSYNC) != 0 ? 'D' : 'W';
    struct head head = {.type = type, .data_bytes = done, .inode = inode_of(file), .at = at};
    record(head, NULL, data, pieces);
  }
}

ssize_t write(int file, const void *bytes, size_t size) {
  ssize_t done = REAL(write)(file, bytes, size);
  record_write(file, &(struct iovec){(void *)bytes, size}, 1, -1, done);
  return done;
}

ssize_t writev(int file, const struct iovec *data, int pieces) {
  ssize_t done = REAL(writev)(file, data, pieces);
  record_write(file, data, pieces, -1, done);
  return done;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
  ssize_t done = REAL(pwrite64)(file, bytes, size, at);
  record_write(file, &(struct iovec){(void *)bytes, size}, 1, at, done);
  return done;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
  return pwrite64(file, bytes, size, at);
}

ssize_t pwritev64(int file, const struct iovec *data, int pieces, off64_t at) {
  ssize_t done = REAL(pwritev64)(file, data, pieces, at);
  record_write(file, data, pieces, at, done);
  return done;
}

ssize_t pwritev(int file, const struct iovec *data, int pieces, off_t at) {
  return pwritev64(file, data, pieces, at);
}

int ftruncate64(int file, off64_t length) {
  int failed = REAL(ftruncate64)(file, length);
  if (!failed && is_ours(file)) {
    record((struct head){.type = 'T', .inode = inode_of(file), .at = length}, NULL, NULL, 0);
  }
  return failed;
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

static int recorded_sync(int file, int (*sync)(int)) {
  int is_recorded = is_ours(file);
  uint64_t inode = is_recorded ? inode_of(file) : 0;
  if (is_recorded) record((struct head){.type = 'S', .inode = inode}, NULL, NULL, 0);
  int failed = sync(file);
  if (is_recorded && !failed) record((struct head){.type = 'F', .inode = inode}, NULL, NULL, 0);
  return failed;
}

int fsync(int file) { return recorded_sync(file, REAL(fsync)); }

int fdatasync(int file) { return recorded_sync(file, REAL(fdatasync)); }

/* --- names ----------------------------------------------------------------------------------- */

static int recorded_open(int file, const char *path, int flags) {
  if (file >= 0 && is_below(path)) {
    struct head head = {.type = 'O', .inode = inode_of(file), .at = (flags & O_TRUNC) != 0};
    record(head, path, NULL, 0);
  }
  return file;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return recorded_open(REAL(open64)(path, flags, mode), path, flags);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return recorded_open(REAL(open)(path, flags, mode), path, flags);
}

static int recorded_name(char type, int failed, const char *path, const char *to) {
  struct iovec second = {(void *)to, to == NULL ? 0 : strlen(to)};
  if (!failed && is_below(path)) {
    record((struct head){.type = type, .data_bytes = second.iov_len}, path, &second, 1);
  }
  return failed;
}

int mkdir(const char *path, mode_t mode) {
  return recorded_name('M', REAL(mkdir)(path, mode), path, NULL);
}

int rmdir(const char *path) { return recorded_name('U', REAL(rmdir)(path), path, NULL); }

int unlink(const char *path) { return recorded_name('U', REAL(unlink)(path), path, NULL); }

int rename(const char *from, const char *to) {
  return recorded_name('R', REAL(rename)(from, to), from, to);
}

int link(const char *from, const char *to) {
  return recorded_name('L', REAL(link)(from, to), from, to);
}
