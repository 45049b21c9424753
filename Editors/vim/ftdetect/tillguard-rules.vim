" SPDX-License-Identifier: Apache-2.0
au BufRead,BufNewFile *.rules if getline(1) ==# "tillguard-rules 1" | setf tillguard-rules | endif
