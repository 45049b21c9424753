// SPDX-License-Identifier: Apache-2.0
// All of it lies in the header, so that it is one instruction where it is called.
#include "cprefetch.h"
