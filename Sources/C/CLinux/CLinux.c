#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events,
                         uint64_t token) {
  struct epoll_event event = {.events = events, .data.u64 = token};
  return epoll_ctl(epoll, operation, descriptor, &event);
}

int clinux_timer_arm(int timer, uint64_t deadline_nanoseconds) {
  struct itimerspec when = {0};
  when.it_value.tv_sec = (time_t)(deadline_nanoseconds / 1000000000u);
  when.it_value.tv_nsec = (long)(deadline_nanoseconds % 1000000000u);
  return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

int clinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_stream_socket(int domain) {
  return socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

long clinux_send(int descriptor, const void *bytes, size_t count) {
  return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static volatile sig_atomic_t signal_descriptors[65];

static void forward_signal(int signal) {
  int saved = errno;
  unsigned char number = (unsigned char)signal;
  if (write(signal_descriptors[signal], &number, 1) < 0) {
    // The pipe is full: a wake-up is under way already.
  }
  errno = saved;
}

int clinux_signal_to_descriptor(int signal, int descriptor) {
  if (signal < 1 || signal > 64) {
    errno = EINVAL;
    return -1;
  }
  signal_descriptors[signal] = descriptor;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = descriptor < 0 ? SIG_DFL : forward_signal;
  action.sa_flags = SA_RESTART;
  return sigaction(signal, &action, NULL);
}

static _Thread_local void *current_loop;

void *clinux_current_loop(void) { return current_loop; }
void clinux_set_current_loop(void *loop) { current_loop = loop; }
