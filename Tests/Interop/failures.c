// Faults of a machine, for one process that preloads this: files that cannot grow, a file system
// that only reads, a wall clock that is off. What is at fault stands in the file that FAULTS names,
// as `struct faults`, and may be changed there at any time.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WELL, FULL, READ_ONLY };

struct faults {
  int64_t disk;
  int64_t clock_seconds;
};

static const volatile struct faults *faults;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTS");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *map = mmap(NULL, sizeof *faults, PROT_READ, MAP_SHARED, file, 0);
  if (map != MAP_FAILED) faults = map;
  close(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// Whether `count` bytes at `offset`, or at the present one when that is negative, go into a file.
static int refused(int file, off_t offset, size_t count) {
  struct stat now;
  int64_t disk = faults ? faults->disk : WELL;
  // What the process says of itself goes on.
  if (disk == WELL || file <= STDERR_FILENO || fstat(file, &now) || !S_ISREG(now.st_mode)) return 0;
  if (disk == FULL) {
    if (offset < 0)
      offset = fcntl(file, F_GETFL) & O_APPEND ? now.st_size : lseek(file, 0, SEEK_CUR);
    if (offset + (off_t)count <= now.st_size) return 0;
  }
  errno = disk == FULL ? ENOSPC : EROFS;
  return 1;
}

ssize_t write(int file, const void *bytes, size_t count) {
  return refused(file, -1, count) ? -1 : REAL(write)(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return refused(file, offset, count) ? -1 : REAL(pwrite)(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  return refused(file, offset, count) ? -1 : REAL(pwrite64)(file, bytes, count, offset);
}

static size_t total(const struct iovec *parts, int count) {
  size_t sum = 0;
  for (int place = 0; place < count; place++) sum += parts[place].iov_len;
  return sum;
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
  return refused(file, offset, total(parts, count)) ? -1
                                                    : REAL(pwritev)(file, parts, count, offset);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) {
  return refused(file, offset, total(parts, count)) ? -1
                                                    : REAL(pwritev64)(file, parts, count, offset);
}

int posix_fallocate(int file, off_t offset, off_t count) {
  return refused(file, offset, count) ? errno : REAL(posix_fallocate)(file, offset, count);
}

int posix_fallocate64(int file, off64_t offset, off64_t count) {
  return refused(file, offset, count) ? errno : REAL(posix_fallocate64)(file, offset, count);
}

static int64_t offset_seconds(void) { return faults ? faults->clock_seconds : 0; }

int clock_gettime(clockid_t clock, struct timespec *time) {
  int code = REAL(clock_gettime)(clock, time);
  if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    time->tv_sec += offset_seconds();
  return code;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int code = REAL(gettimeofday)(now, zone);
  if (code == 0) now->tv_sec += offset_seconds();
  return code;
}

time_t time(time_t *place) {
  time_t now = REAL(time)(NULL) + offset_seconds();
  if (place) *place = now;
  return now;
}
