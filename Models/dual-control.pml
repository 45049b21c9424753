/* SPDX-License-Identifier: Apache-2.0
 *
 * Clearing a warning that takes two people (D2), at a host whose commands are decided one after the other while several
 * people look at pages that are older than the state (design rule R9): no single person clears it, a promotion voids what was
 * agreed before, and two different people always can.
 *
 * DECIDED_ON_PAGE decides by what the page showed, KEEPS_AGREEMENT lets an agreement outlive a promotion: both must fail.
 */

#define PEOPLE 2
#define PAGES  3           /* commands a run makes at most by each person */

byte by = 0;               /* who has agreed, a bit each */
byte severity = 3;
bool open = true;

/* Ghosts: who has agreed to what is open now. */
byte agreed = 0;
bool single = false;

proctype Person(byte me) {
    byte page, n = 0, saw;
    do
    :: n < PAGES ->
           atomic { page = by; saw = severity; n++ }          /* the page is loaded */
           atomic {                                            /* and later acted on */
#ifdef DECIDED_ON_PAGE
               if
               :: open && (page & (1 << me)) == 0 ->
                      agreed = agreed | (1 << me);
                      /* a second agreement, as far as this page knows: one more than it showed */
                      by = page | (1 << me);
                      if
                      :: page != 0 -> open = false; single = single || agreed != 3
                      :: else -> skip
                      fi
               :: else -> skip
               fi
#else
               if
               :: open && (by & (1 << me)) == 0 ->
                      agreed = agreed | (1 << me);
                      by = by | (1 << me);
                      if
                      :: by == 3 -> open = false; single = single || agreed != 3
                      :: else -> skip
                      fi
               :: else -> skip
               fi
#endif
           }
    :: n >= PAGES -> break
    od
}

active proctype Module() {
    /* The warning gets graver once, at any moment. */
    atomic {
        if
        :: open && severity == 3 ->
               severity = 2; agreed = 0;
#ifndef KEEPS_AGREEMENT
               by = 0
#endif
        :: else -> skip
        fi }
}

init { atomic { run Person(0); run Person(1) } }

ltl paired { [] !single }
/* Must fail: it can be cleared. */
ltl shut { [] open }
