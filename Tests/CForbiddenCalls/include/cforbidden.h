// SPDX-License-Identifier: Apache-2.0
// Calls that a module's process must not be able to make, each made once.
#ifndef TILLGUARD_CFORBIDDEN_H
#define TILLGUARD_CFORBIDDEN_H

// The number of calls, and the name of one.
int cforbidden_count(void);
const char *cforbidden_name(int index);

// Makes a call. Returns whether the kernel refused it with EPERM.
int cforbidden_is_refused(int index);

// Ways that must stay open, beside what serving needs. Returns the name of one that is closed, or NULL.
const char *cforbidden_closed_way(void);

#endif
