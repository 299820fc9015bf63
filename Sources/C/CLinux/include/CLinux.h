// What the event loop needs of Linux and Swift's Glibc module does not offer.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>

#include "CLinuxProcess.h"

/// TCP_USER_TIMEOUT of netinet/tcp.h, which Swift's Glibc module leaves out.
enum { CLINUX_TCP_USER_TIMEOUT = 18 };

/// Adds, changes or removes a descriptor; `token` comes back with its events.
int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events,
                         uint64_t token);

/// Arms a timerfd for an absolute CLOCK_MONOTONIC time; 0 disarms it.
int clinux_timer_arm(int timer, uint64_t deadline_nanoseconds);

/// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC.
int clinux_accept(int listener, struct sockaddr *address, socklen_t *length);

/// A non-blocking, close-on-exec stream socket.
int clinux_stream_socket(int domain);

/// send with MSG_NOSIGNAL.
long clinux_send(int descriptor, const void *bytes, size_t count);

/// Names the calling thread, 15 bytes at most.
void clinux_name_thread(const char *name);

/// From now on `signal` writes its number as one byte into `descriptor`.
int clinux_signal_to_descriptor(int signal, int descriptor);

/// The event loop that runs on the calling thread, or null.
void *clinux_current_loop(void);
void clinux_set_current_loop(void *loop);
