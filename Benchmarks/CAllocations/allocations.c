// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "callocations.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

static uint64_t common;
static uint64_t secure;

uint64_t callocations_common(void) { return common; }
uint64_t callocations_secure(void) { return secure; }

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t count) {
    common++;
    return __libc_malloc(count);
}

void *calloc(size_t number, size_t count) {
    common++;
    return __libc_calloc(number, count);
}

void *realloc(void *block, size_t count) {
    common++;
    return __libc_realloc(block, count);
}

void *aligned_alloc(size_t alignment, size_t count) {
    common++;
    return __libc_memalign(alignment, count);
}

void *memalign(size_t alignment, size_t count) { return aligned_alloc(alignment, count); }

int posix_memalign(void **block, size_t alignment, size_t count) {
    *block = aligned_alloc(alignment, count);
    return *block ? 0 : ENOMEM;
}

typedef void *(*secure_allocate)(size_t, const char *, int);

void *CRYPTO_secure_malloc(size_t count, const char *file, int line) {
    static secure_allocate next;
    if (!next) next = (secure_allocate)dlsym(RTLD_NEXT, "CRYPTO_secure_malloc");
    secure++;
    return next(count, file, line);
}

void *CRYPTO_secure_zalloc(size_t count, const char *file, int line) {
    static secure_allocate next;
    if (!next) next = (secure_allocate)dlsym(RTLD_NEXT, "CRYPTO_secure_zalloc");
    // It may come back through CRYPTO_secure_malloc: still one block.
    uint64_t before = secure;
    void *block = next(count, file, line);
    secure = before + 1;
    return block;
}
