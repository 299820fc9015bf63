#define _GNU_SOURCE
#include "CLinuxProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs in the child: only async-signal-safe functions, for other threads may hold locks.
static void become(const char *path, char *const arguments[], const char *log, pid_t parent,
                   int report) {
  if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) goto failed;
  // The parent may have gone before the kernel knew what to do then.
  if (getppid() != parent) _exit(127);
  int input = open("/dev/null", O_RDONLY);
  int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (input < 0 || output < 0) goto failed;
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) goto failed;
  for (int signal = 1; signal < 32; signal++) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // Everything but the three streams and the report, which goes away by executing.
  if (report > 3) close_range(3, report - 1, 0);
  close_range(report + 1, ~0U, 0);
  execv(path, arguments);
failed:;
  int error = errno;
  ssize_t count = write(report, &error, sizeof error);
  _exit(count < 0 ? 126 : 127);
}

pid_t clinux_spawn(const char *path, char *const arguments[], const char *log) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(path, arguments, log, parent, ends[1]);
  int saved = errno;
  close(ends[1]);
  int error = 0;
  ssize_t count = 0;
  if (child > 0) {
    do count = read(ends[0], &error, sizeof error);
    while (count < 0 && errno == EINTR);
  }
  close(ends[0]);
  if (child > 0 && count == sizeof error) {
    waitpid(child, NULL, 0);
    errno = error;
    return -1;
  }
  errno = saved;
  return child;
}
