// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "chardening.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int chardening_shut_off(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return errno;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    return 0;
}

bool chardening_lock_memory(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
    if (limit.rlim_cur != RLIM_INFINITY && geteuid() != 0) return false;
#ifdef MCL_ONFAULT
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
#else
    return mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
#endif
}

bool chardening_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0; }

bool chardening_writes_cores(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0;
}

bool chardening_has_no_new_privileges(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

bool chardening_is_filtered(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2; }

int64_t chardening_peer_user(int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    return (int64_t)peer.uid;
}

int chardening_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int chardening_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno; }

// MARK: The filter

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define NUMBER offsetof(struct seccomp_data, nr)
// Only little-endian processors are listed: the low half of an argument stands first.
#define LOW(number) offsetof(struct seccomp_data, args[number])
#define HIGH(number) (LOW(number) + 4)
// Whether what is loaded is a value, or has one of its bits: else so many steps further.
#define IF(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define IF_BIT(bits, skip) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, (skip))
#define YES BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define NO(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW(call) IF(__NR_##call, 1), YES

int chardening_filter(void) {
#ifndef ARCHITECTURE
    return ENOSYS;
#else
    struct sock_filter filter[] = {
        LOAD(offsetof(struct seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0), NO(EPERM),
        LOAD(NUMBER),
        // Clients: accept, read, answer, close.
        ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev), ALLOW(recvfrom), ALLOW(recvmsg), ALLOW(sendto),
        ALLOW(sendmsg), ALLOW(accept4), ALLOW(getsockopt), ALLOW(shutdown), ALLOW(close), ALLOW(ppoll), ALLOW(fcntl),
        ALLOW(fstat), ALLOW(lseek), ALLOW(pread64),
        // The runtime's own waiting.
        ALLOW(epoll_ctl), ALLOW(epoll_pwait), ALLOW(eventfd2), ALLOW(timerfd_create), ALLOW(timerfd_settime),
        // Memory.
        ALLOW(brk), ALLOW(mmap), ALLOW(munmap), ALLOW(mremap), ALLOW(mprotect), ALLOW(madvise), ALLOW(mlock),
        ALLOW(munlock),
        // Threads, time, signals to itself.
        ALLOW(futex), ALLOW(set_robust_list), ALLOW(sched_yield), ALLOW(sched_getaffinity), ALLOW(clock_gettime),
        ALLOW(clock_getres), ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday), ALLOW(restart_syscall),
        ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn), ALLOW(sigaltstack), ALLOW(getpid),
        ALLOW(gettid), ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid), ALLOW(getegid), ALLOW(getrandom), ALLOW(uname),
        ALLOW(sysinfo), ALLOW(getrusage), ALLOW(exit), ALLOW(exit_group),
#ifdef __NR_rseq
        ALLOW(rseq),
#endif
#ifdef __NR_membarrier
        ALLOW(membarrier),
#endif
#ifdef __NR_poll
        ALLOW(poll),
#endif
#ifdef __NR_epoll_wait
        ALLOW(epoll_wait),
#endif
#ifdef __NR_newfstatat
        ALLOW(newfstatat),
#endif
        // What aborts signals itself.
        IF(__NR_tgkill, 4), LOAD(LOW(0)), IF((uint32_t)getpid(), 1), YES, NO(EPERM),
        // It says how it is shut off; of what can be set, a thread's name.
        IF(__NR_prctl, 10), LOAD(LOW(0)), IF(PR_GET_DUMPABLE, 1), YES, IF(PR_GET_NO_NEW_PRIVS, 1), YES,
        IF(PR_GET_SECCOMP, 1), YES, IF(PR_SET_NAME, 1), YES, NO(EPERM),
        // Limits are read, not set.
        IF(__NR_prlimit64, 6), LOAD(LOW(2)), IF(0, 3), LOAD(HIGH(2)), IF(0, 1), YES, NO(EPERM),
        // Files are read: libcrypto and the loader may open theirs late. None is written or made.
        IF(__NR_openat, 4), LOAD(LOW(2)), IF_BIT(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 1), NO(EPERM), YES,
        // Threads are made, processes are not. The flags of clone3 cannot be looked at: without it, clone is taken.
        IF(__NR_clone3, 1), NO(ENOSYS),
        IF(__NR_clone, 4), LOAD(LOW(0)), IF_BIT(CLONE_THREAD, 1), YES, NO(EPERM),
        NO(EPERM),
    };
    const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0) return errno;
    return 0;
#endif
}

// MARK: Another program

pid_t chardening_spawn(const char *path, char *const arguments[], char *const environment[], int ends[2]) {
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) != 0) return -errno;
    if (pipe2(output, O_CLOEXEC) != 0) {
        int error = errno;
        close(input[0]);
        close(input[1]);
        return -error;
    }
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t signals;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    // Nothing of ours but the three standard files goes along.
    posix_spawn_file_actions_adddup2(&files, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t process = -1;
    int error = posix_spawn(&process, path, &files, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    close(input[0]);
    close(output[1]);
    if (error != 0) {
        close(input[1]);
        close(output[0]);
        return -error;
    }
    ends[0] = input[1];
    ends[1] = output[0];
    return process;
}
