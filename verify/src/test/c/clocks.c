// SPDX-License-Identifier: Apache-2.0
//
// Preloaded into a server, so that a test can set its clocks while it runs: what they show is what they would, plus what a file
// says, which the test writes and this maps. Two 64-bit numbers of nanoseconds: for the wall clock, then for the monotonic one.
//
// Waits until a moment on a clock that was set wait until the moment at which that clock shows it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NANOS 1000000000LL
// A moment before this, in seconds, is one on the monotonic clock, which counts from the machine's start.
#define WALL_FROM 1000000000LL

static _Atomic int64_t none[2];
static _Atomic int64_t *offsets = none;

__attribute__((constructor)) static void open_offsets(void) {
  const char *path = getenv("TEST_CLOCKS");
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    fprintf(stderr, "TEST_CLOCKS names no file that can be read\n");
    abort();
  }
  void *mapped = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) {
    perror("TEST_CLOCKS");
    abort();
  }
  offsets = mapped;
}

static int64_t offset_of(clockid_t clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return atomic_load(&offsets[0]);
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
      return atomic_load(&offsets[1]);
    default:
      return 0;
  }
}

static void shift(struct timespec *time, int64_t nanos) {
  int64_t all = time->tv_sec * NANOS + time->tv_nsec + nanos;
  if (all < 0) {
    all = 0;
  }
  time->tv_sec = all / NANOS;
  time->tv_nsec = all % NANOS;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (syscall(SYS_clock_gettime, clock, time) != 0) {
    return -1;
  }
  shift(time, offset_of(clock));
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void) zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) {
    *result = now.tv_sec;
  }
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
  static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (real == NULL) {
    // The symbol has an older version with another layout.
    void *found = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    *(void **) &real = found != NULL ? found : dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  }
  struct timespec shifted = *until;
  shift(&shifted, -offset_of(until->tv_sec < WALL_FROM ? CLOCK_MONOTONIC : CLOCK_REALTIME));
  return real(condition, mutex, &shifted);
}
