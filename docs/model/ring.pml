/* A cache's key whose owner changes, for the model checker Spin. What it is about: docs/rings.md, docs/decisions/0029.
 *
 * One key, its two servers, two proxies that take the states at different moments, and a manager who writes the next
 * state only when both have acknowledged the one before. They do OPS0 and OPS1 operations: get, set, delete, increment.
 * A server may lose the key at any moment, as caches do. Every write makes a value of its own number.
 *
 *   dead[v]   somebody has acknowledged a write that began after v was acknowledged: whoever begins now must not see v
 *   used[v]   somebody has incremented v: nobody else may
 *
 * Rules that can be taken away, to see that they are needed: NO_CLOSING, NO_INVALIDATE, LEAVE_OLD, COPY_ONLY, NEW_FIRST,
 * DIRECT_BACK, NO_THIRD, NO_BARRIER. REACHABLE ends in an assertion that must be reached.
 */
#ifndef OPS0
#define OPS0 1
#endif
#ifndef OPS1
#define OPS1 1
#endif
#ifndef EVICTIONS
#define EVICTIONS 1
#endif
#define VALUES 8          /* 0 none, 1 the one at first, then one for each write */
#define MARK 9            /* stands for a value that somebody is about to bring */

mtype = { PREPARE, INVALIDATE, WINDOW, CLOSING, DONE };

byte at[2];               /* what each server has of the key */
byte cas[2];              /* changes with everything that happens to it there */
bool acked[VALUES];
bool dead[VALUES];
bool used[VALUES];
byte numbers = 1;

mtype now = PREPARE;      /* in ZooKeeper */
byte nowOld = 0;          /* which server is old */
bool turning = false;
byte epoch = 1;
byte applied[2];
byte finished = 0;
bool wentBack = false;
bool sawTake = false;

#define put(s, v) at[s] = v; cas[s]++

inline began()            /* what this operation must not see, and what it makes dead when it ends */
{
    i = 1;
    do
    :: i < VALUES -> forbidden[i] = dead[i]; before[i] = acked[i]; i++
    :: else -> break
    od
}

inline ended()
{
    i = 1;
    do
    :: i < VALUES -> dead[i] = dead[i] || before[i]; i++
    :: else -> break
    od
}

inline saw(v)
{
    assert(v == 0 || v == MARK || !forbidden[v])
}

/* At one server, at once: the value there becomes another by one more. The result is in r: 0 if there was none. */
inline increment(s)
{
    if
    :: at[s] == 0 || at[s] == MARK -> r = 0
    :: else ->
        r = at[s];
        saw(r);
        assert(!used[r]);
        used[r] = true;
        put(s, mine)
    fi
}

/* Brings a value from old to new, so that it is on one of them at most. */
inline take()
{
    atomic {
        if
        :: at[n] == 0 -> put(n, MARK); mark = cas[n]
        :: else -> mark = 0
        fi
    };
    if
    :: mark == 0 -> skip
    :: else ->
        atomic { r = at[o]; token = cas[o] };
        if
        :: r == 0 || r == MARK -> atomic { if :: at[n] == MARK && cas[n] == mark -> put(n, 0) :: else fi }
        :: else ->
#ifndef COPY_ONLY
            atomic {
                if
                :: cas[o] == token && at[o] == r -> put(o, 0); sawTake = true
                :: else -> r = 0
                fi
            };
#endif
            atomic {
                if
                :: at[n] == MARK && cas[n] == mark -> put(n, r)
                :: else
                fi
            }
        fi
    fi
}

proctype Proxy(byte me; byte ops)
{
    byte i, r, mark, token, mine, o, n;
    bool forbidden[VALUES], before[VALUES];
    mtype state, what;

    byte kind;
again:
    atomic {
        applied[me] < epoch ->            /* acknowledges: nothing of an older state is outstanding */
        state = now; o = nowOld; n = 1 - nowOld; applied[me] = epoch
    };
    do
    :: applied[me] < epoch -> goto again
    :: state == DONE && ops == 0 -> break
    :: ops > 0 ->
        atomic {
            ops--;
            began();
            if
            :: kind = 0
            :: kind = 1; numbers++; mine = numbers
            :: kind = 2; mine = 0
            :: kind = 3; numbers++; mine = numbers
            fi
        };
        if
        :: kind == 0 ->
            if
            :: state == PREPARE || state == INVALIDATE -> atomic { r = at[o] }
            :: state == WINDOW ->
                if :: take() :: skip fi;  /* whoever reads may bring it, or not */
                atomic { r = at[n] };
                if
                :: r == 0 || r == MARK -> atomic { r = at[o] }
                :: else
                fi
            :: else -> atomic { r = at[n] }
            fi;
            atomic { saw(r); r = 0 }
        :: else ->                        /* set, delete, increment */
            if
            :: state == PREPARE -> atomic { if :: kind == 3 -> increment(o) :: else -> put(o, mine); r = 1 fi }
            :: state == INVALIDATE ->
                atomic { if :: kind == 3 -> increment(o) :: else -> put(o, mine); r = 1 fi };
#ifndef LEAVE_OLD
                atomic { put(o, 0) };
#endif
                atomic { put(n, 0) };
#if !defined(LEAVE_OLD) && !defined(NO_THIRD)
                atomic { put(o, 0) };
#endif
            :: state == WINDOW || state == CLOSING ->
                if
                :: kind == 3 && state == WINDOW -> take()
                :: else
                fi;
#ifdef NEW_FIRST
                atomic { if :: kind == 3 -> increment(n) :: else -> put(n, mine); r = 1 fi };
                atomic { put(o, 0) };
#else
                atomic { put(o, 0) };
                atomic { if :: kind == 3 -> increment(n) :: else -> put(n, mine); r = 1 fi };
#endif
            :: else -> atomic { if :: kind == 3 -> increment(n) :: else -> put(n, mine); r = 1 fi }
            fi;
            atomic {
                if
                :: r != 0 || kind == 2 ->
                    ended();
                    if :: mine != 0 -> acked[mine] = true :: else fi
                :: else                   /* an increment of nothing has changed nothing */
                fi;
                r = 0; mine = 0
            }
        fi
    od;
    finished++
}

inline enter(next)
{
#ifndef NO_BARRIER
    atomic { applied[0] == epoch && applied[1] == epoch -> now = next; epoch++ }
#else
    atomic { now = next; epoch++ }
#endif
}

proctype Manager()
{
#ifndef NO_INVALIDATE
    enter(INVALIDATE);
#endif
    enter(WINDOW);
    if
    :: skip                               /* somebody rolls back */
#ifndef DIRECT_BACK
        ;
        enter(INVALIDATE)
#endif
        ;
        atomic { applied[0] == epoch && applied[1] == epoch -> nowOld = 1; now = WINDOW; epoch++; wentBack = true }
    :: skip
    fi;
#ifndef NO_CLOSING
    enter(CLOSING);
#endif
    enter(DONE)
}

proctype Eviction()
{
    byte left = EVICTIONS;
    do
    :: left > 0 -> atomic { if :: put(0, 0) :: put(1, 0) fi; left-- }
    :: break
    od
}

init {
    atomic {
        at[0] = 1; acked[1] = true;
        applied[0] = 0; applied[1] = 0;
        run Proxy(0, OPS0); run Proxy(1, OPS1); run Manager(); run Eviction()
    };
#ifdef REACHABLE
    finished == 2 && wentBack && sawTake -> assert(false)
#endif
}
