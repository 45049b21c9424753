// SPDX-License-Identifier: Apache-2.0
// A process that is shut off from the rest of its user's: what Linux offers for it and Swift cannot reach. Everything here
// holds until the process ends, for all its threads that are made afterwards.
#ifndef TILLGUARD_CHARDENING_H
#define TILLGUARD_CHARDENING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// No core file, no debugger, no reader of /proc/PID/mem but root; no rights by what it might start. Before any key is read.
// Returns 0, or errno.
int chardening_shut_off(void);

// Locks all memory, as it is touched, where the limit is none or root's. Returns whether it did: where the limit is a number,
// locking everything would make a later allocation fail.
bool chardening_lock_memory(void);

// Allows the calls that a running server needs, and fails every other with EPERM: no program, no process, no socket of its own,
// no file to write, no look into another process. All threads of the process. Returns 0, or errno; ENOSYS on a processor whose
// calls are not listed.
int chardening_filter(void);

bool chardening_is_dumpable(void);
bool chardening_writes_cores(void);
bool chardening_has_no_new_privileges(void);
// Whether a filter is in force (`Seccomp: 2` in /proc/self/status).
bool chardening_is_filtered(void);

// The user at the other end of a Unix socket; -1 if it cannot be told.
int64_t chardening_peer_user(int socket);

// The next client of a listening socket, which does not block and is closed on exec; below zero: errno says why none.
int chardening_accept(int socket);

// A pipe that is closed on exec. Returns 0, or errno.
int chardening_pipe(int ends[2]);

// Starts a program with two pipes for its standard input and output, the given standard error, and no other file of ours; no
// signal is blocked or ignored in it. `ends` gets our ends, input first, closed on exec. Returns the process, or -errno.
pid_t chardening_spawn(const char *path, char *const arguments[], char *const environment[], int ends[2]);

#endif
