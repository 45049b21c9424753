/* SPDX-License-Identifier: Apache-2.0
 *
 * Lifecycle x lease x host (design rules R1, R2, R7; invariants I2, I10): a module, the POS application that carries its
 * messages and may hold back, repeat and reorder them, and a host. Tampering, a halting fault and the end of a lease can
 * come at any moment, and each side learns of them in its own time.
 *
 * What the model leaves out is what cryptography gives: nobody but the module makes a message of the module's.
 *
 * Two switches take a guard away, to show that either side alone stops the terminal and both together are needed to fail:
 * MODULE_DOES_NOT_HALT (it still says what its state is: it cannot be made to lie) and HOST_IGNORES_HEALTH. REPEATS_COUNT
 * takes away the host's counter. `Models/check` runs every formula with and without them, and knows what must fail.
 */

#define MESSAGES 4   /* authorisations a run makes at most: counters are bounded by it */
#define EVENTS   2   /* faults at most */
#define LEASES   3   /* sign-ons at most */
#define LINE     2   /* messages on the line at once */

mtype = { ready, halted, tampered };

#ifdef MODULE_DOES_NOT_HALT
#define MAY_SELL (state != tampered)
#else
#define MAY_SELL (state == ready && !leaseEnded)
#endif
#ifdef HOST_IGNORES_HEALTH
#define IS_PROVED(s, l, e) (true)
#else
#define IS_PROVED(s, l, e) (seen == ready && s == ready && l == hostLease && !hostLeaseEnded && e == hostEvents)
#endif
#ifdef REPEATS_COUNT
#define IS_FRESH(c) (true)
#else
#define IS_FRESH(c) (c > floor)
#endif

/* Kind of message: what it claims, at the health counter `ctr`. `sound` is a ghost: whether the module was READY when it
 * made the message. Neither host nor module reads it. */
mtype = { auth, evidence, report };
chan wire = [LINE] of { mtype, byte /* ctr */, byte /* lease or nonce */, byte /* event counter */, mtype /* state */,
    bool /* sound */ };
chan back = [1] of { byte /* lease */, byte /* answers the event counter */ };

/* The module. */
mtype state = ready;
byte events = 0, counter = 0, lease = 0, answers = 0;
bool leaseEnded = true;
bool awaitsTicket = false;
byte nonce = 0;

/* The host. */
mtype seen = ready;          /* the estate's lifecycle: ACTIVE, HALTED, TAMPERED */
byte hostEvents = 0, floor = 0, hostLease = 0;
bool hostLeaseEnded = true;

/* Ghosts. */
bool wrongApproval = false;  /* of an authorisation that a module that was not READY had made */
bool lateApproval = false;   /* after the host knew of the tampering */
bool doubleApproval = false; /* of one authorisation */
bool approvedOnce = false;
bool cameBack = false;       /* a halted module traded again */
bool toldTamper = false;
bool wasHalted = false;
byte taken = 0;              /* which counters have been approved, a bit each */

active proctype Module() {
    byte l, e;
    do
    /* A sale: READY, leased, self-tested. The module itself refuses otherwise (rule R2). */
    :: atomic { MAY_SELL && counter < MESSAGES && len(wire) < LINE ->
           counter++; wire!auth(counter, lease, events, state, state == ready) }
    /* Evidence over the host's nonce, which is the number of its leases. */
    :: atomic { state != tampered && counter < MESSAGES && len(wire) < LINE ->
           counter++; awaitsTicket = true; answers = events; nonce = hostLease;
           wire!evidence(counter, nonce, events, state, state == ready) }
    /* The ticket ends what the evidence told of, and nothing that came after it. */
    :: atomic { back?l, e ->
           if
           :: awaitsTicket && state != tampered && e == answers ->
                  awaitsTicket = false;
                  lease = l; leaseEnded = false;
                  if
                  :: state == halted && events == answers -> state = ready
                  :: else -> skip
                  fi
           :: else -> skip
           fi }
    /* A fault halts in the same step; so does tampering, which also ends every key. */
    :: atomic { state == ready && events < EVENTS -> events++; state = halted; wasHalted = true }
    :: atomic { state != tampered && events < EVENTS -> events++; state = tampered; leaseEnded = true }
    /* A report by token or statement; the application may drop it. */
    :: atomic { state != ready && len(wire) < LINE -> wire!report(counter, 0, events, state, false) }
    :: atomic { !leaseEnded -> leaseEnded = true }
    od
}

/* The POS application and the line: loses, repeats and reorders what the module has made. */
active proctype Line() {
    mtype k, s;
    byte c, l, e;
    bool g;
    do
    :: atomic { wire?k, c, l, e, s, g -> skip }                                    /* lost */
    :: atomic { wire?[k, c, l, e, s, g] && len(wire) < LINE -> wire?<k, c, l, e, s, g>; wire!k, c, l, e, s, g }  /* repeated */
    :: atomic { wire?k, c, l, e, s, g -> wire!k, c, l, e, s, g }                   /* overtaken */
    od
}

active proctype Host() {
    mtype k, s;
    byte c, l, e;
    bool g;
    do
    :: atomic { wire?k, c, l, e, s, g ->
           if
           :: k == auth ->
                  if
                  :: IS_PROVED(s, l, e) && IS_FRESH(c) ->
                         if
                         :: c > floor -> floor = c
                         :: else -> skip
                         fi;
                         doubleApproval = doubleApproval || (taken & (1 << c)) != 0;
                         taken = taken | (1 << c);
                         approvedOnce = true;
                         cameBack = cameBack || (wasHalted && e > 0);
                         wrongApproval = wrongApproval || !g;
                         lateApproval = lateApproval || toldTamper
                  :: else -> skip
                  fi
           :: k == evidence ->
                  /* Over the nonce given out last, with nothing unreported, and accepted from a halted module only as the
                   * way back: the desk has cleared what it names. */
                  if
                  :: seen != tampered && l == hostLease && c > floor && e >= hostEvents && hostLease < LEASES && len(back) == 0 ->
                         floor = c;
                         hostLease++; hostLeaseEnded = false;
                         hostEvents = e; seen = ready;
                         back!hostLease, e
                  :: else -> skip
                  fi
           :: k == report ->
                  if
                  :: s == tampered -> seen = tampered; toldTamper = true
                  :: s == halted && e > hostEvents -> hostEvents = e;
                         if
                         :: seen == ready -> seen = halted
                         :: else -> skip
                         fi
                  :: else -> skip
                  fi
           fi;
           k = auth; s = ready; c = 0; l = 0; e = 0; g = false }
    :: atomic { !hostLeaseEnded -> hostLeaseEnded = true }
    od
}

/* No authorisation is approved that a stopped module has made. */
ltl honest { [] !wrongApproval }
/* None is approved once the host knows of the tampering. */
ltl silent { [] !lateApproval }
/* None is approved twice. */
ltl once { [] !doubleApproval }
/* TAMPERED is for ever, on both sides (invariant I3). */
ltl latched { [] ((state == tampered) -> [] (state == tampered)) }
ltl remembered { [] ((seen == tampered) -> [] (seen == tampered)) }
/* These must fail: the model does trade, and a halted terminal can come back. */
ltl idle { [] !approvedOnce }
ltl stuck { [] !cameBack }
