/* SPDX-License-Identifier: Apache-2.0
 *
 * Zeroisation with the power cut at any moment (invariant I3): the latch is written before a key goes, so that a module that
 * starts again knows what to do. A store is durable when its barrier has passed; before it, a cut may keep or lose it.
 *
 * ERASE_FIRST takes the order away, NO_RESUME the second half after a restart, SENSOR_FALLS_BACK the battery that keeps a
 * sensor tripped whatever is done to the case: each must fail.
 */

#define CUTS 3

mtype = { sealed, latched, zeroised };

/* What outlives a power cut. */
mtype image = sealed;      /* durable */
mtype cached = sealed;     /* written, perhaps not durable yet */
bool storageKey = true;    /* opens the keys of a sealed image */
bool sensor = false;       /* the tamper sensor, on its battery; it does not fall back */

/* What does not. */
bool running = false;
bool keys = false;         /* in memory */
bool tampered = false;     /* what the module says it is */
byte pc = 0;               /* the step of the zeroisation */
byte cuts = 0;

/* Ghosts. */
bool sold = false;         /* a transaction was protected after the module had noticed */
bool noticed = false;      /* the module has seen the sensor once */
bool forgot = false;       /* a start that came up sound although the module had begun to erase */
bool lost = false;         /* a start without a key and without knowing why */
bool done = false;

inline store(value) { cached = value }
inline barrier() { image = cached }

active proctype Module() {
    do
    /* Start: a latched image is resumed whatever the key is; a sealed one needs its key. */
    :: atomic { !running ->
           running = true; cached = image; pc = 0;
           if
           :: image == sealed && storageKey -> keys = true; tampered = false; forgot = forgot || done
           :: image == sealed && !storageKey -> keys = false; tampered = false; lost = true
           :: image == latched -> keys = false; tampered = true;
#ifdef NO_RESUME
                  skip
#else
                  pc = 3
#endif
           :: image == zeroised -> keys = false; tampered = true
           fi }
    /* The sensor is looked at first in every step; memory is wiped at once. */
    :: atomic { running && sensor && !tampered && (keys || !storageKey) -> noticed = true; tampered = true; keys = false; pc = 1 }
    :: atomic { running && !sensor && keys -> sold = sold || noticed }
#ifdef ERASE_FIRST
    :: atomic { running && pc == 1 -> storageKey = false; pc = 2 }
    :: atomic { running && pc == 2 -> store(latched); pc = 3 }
    :: atomic { running && pc == 3 -> barrier(); pc = 4 }
    :: atomic { running && pc == 4 -> pc = 5 }
#else
    :: atomic { running && pc == 1 -> store(latched); pc = 2 }
    :: atomic { running && pc == 2 -> barrier(); pc = 3 }
    :: atomic { running && pc == 3 -> storageKey = false; pc = 5 }
#endif
    :: atomic { running && pc == 5 -> store(zeroised); pc = 6 }
    :: atomic { running && pc == 6 -> barrier(); pc = 0; done = true }
    od
}

active proctype World() {
    do
    :: atomic { !sensor -> sensor = true }
    :: atomic { running && cuts < CUTS ->
           cuts++; running = false; keys = false; tampered = false; pc = 0;
           if
           :: image = cached       /* the disk had it */
           :: cached = image       /* or not */
           fi }
#ifdef SENSOR_FALLS_BACK
    :: atomic { sensor && cuts > 0 -> sensor = false }
#endif
    :: sensor && cuts == CUTS -> break
    od
}

/* Nothing is protected once the module has seen the sensor. */
ltl dumb { [] !sold }
/* A module that has erased its keys never comes up as a sound one, and never without knowing why it has none. */
ltl known { [] !(forgot || lost) }
/* However the power is cut, it ends: the key gone, the image zeroised. */
ltl ends { [] (noticed -> <> (!storageKey && image == zeroised)) }
/* These must fail: there is something to lose, and the end is reached. */
ltl whole { [] (image != zeroised) }
