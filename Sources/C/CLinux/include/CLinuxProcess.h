// Child processes that die with their parent.
#pragma once
#include <sys/types.h>

/// Starts a program in a process group of its own, its output appended to `log`, its input empty.
///
/// The kernel kills it with SIGKILL when the *thread* that called this ends, so call it on a thread
/// that lives as long as the child may. `arguments` begins with the program's name and ends with
/// null. Returns its process id, or -1 with errno, also when the program cannot be executed.
pid_t clinux_spawn(const char *path, char *const arguments[], const char *log);
