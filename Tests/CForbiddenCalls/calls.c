// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "cforbidden.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char *const nothing[] = {NULL};

static long run(void) { return execve("/bin/true", nothing, nothing); }
static long run_at(void) { return syscall(SYS_execveat, AT_FDCWD, "/bin/true", nothing, nothing, 0); }
// A child that should not be there ends at once, with what tells the parent nothing.
static long child(long made) {
    if (made == 0) _exit(0);
    return made;
}
static long clone_process(void) { return child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
static long internet(void) { return socket(AF_INET, SOCK_STREAM, 0); }
static long local(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static long go_out(void) {
    struct sockaddr address = {.sa_family = AF_UNIX};
    return connect(0, &address, sizeof address);
}
static long trace(void) { return ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static long peek(void) {
    char byte;
    struct iovec own = {&byte, 1}, other = {&byte, 1};
    return process_vm_readv(getppid(), &own, 1, &other, 1, 0);
}
static long poke(void) {
    char byte = 0;
    struct iovec own = {&byte, 1}, other = {&byte, 1};
    return process_vm_writev(getppid(), &own, 1, &other, 1, 0);
}
static long signal_parent(void) { return kill(getppid(), 0); }
static long write_file(void) { return open("/dev/null", O_WRONLY); }
static long change_mode(void) { return chmod("/dev/null", 0666); }
static long remove_file(void) { return unlink("/dev/null/none"); }
static long become_dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
static long allow_cores(void) {
    struct rlimit limit = {1, 1};
    return setrlimit(RLIMIT_CORE, &limit);
}
static long unlock_all(void) { return munlockall(); }

static const struct {
    const char *name;
    long (*call)(void);
} calls[] = {
    {"execve", run}, {"execveat", run_at}, {"clone of a process", clone_process}, {"socket of the internet", internet},
    {"socket of this machine", local}, {"connect", go_out}, {"ptrace", trace}, {"process_vm_readv", peek},
    {"process_vm_writev", poke}, {"kill", signal_parent}, {"open for writing", write_file}, {"chmod", change_mode},
    {"unlink", remove_file}, {"become dumpable", become_dumpable}, {"allow cores", allow_cores},
    {"munlockall", unlock_all},
};

int cforbidden_count(void) { return sizeof calls / sizeof calls[0]; }

const char *cforbidden_name(int index) { return calls[index].name; }

int cforbidden_is_refused(int index) {
    errno = 0;
    return calls[index].call() < 0 && errno == EPERM;
}

static void *nobody(void *nothing) { return nothing; }

const char *cforbidden_closed_way(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nobody, NULL) != 0) return "thread";
    if (pthread_join(thread, NULL) != 0) return "join";
    int file = open("/dev/null", O_RDONLY);
    if (file < 0) return "open for reading";
    close(file);
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return "limits";
    return NULL;
}
