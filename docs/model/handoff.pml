/* The handoff of slots between two shards, for the model checker Spin. What it is about: docs/migration.md.
 *
 * One key (a counter), two servers (0 = first owner, 1 = the other one), two proxies,
 * a manager that can crash or be deposed while it goes on running (TERMS incarnations),
 * one partition of proxy 0 from ZooKeeper (it can outlive the lease; it can heal), a freeze
 * watchdog, maintenance commands (copy, cleanup) travelling through a network that can delay
 * them for ever and reorder them between connections ("zombies").
 *
 * The clients use INCR and GET.  A counter makes both properties checkable with assertions:
 *   no lost update : every acknowledged INCR returns more than the number of INCRs that had been
 *                    acknowledged when it began, no two acknowledged INCRs return the same value,
 *                    and the copy of the owner recorded in ZooKeeper never holds less than the
 *                    number of acknowledged INCRs (checked in every reachable state);
 *   no stale read  : a GET returns at least the number of INCRs acknowledged when it began.
 * INCRs whose outcome the client does not learn (reply not relayed) may or may not count.
 *
 * Run: docs/model/check. Broken variants, chosen with -D:
 *   NO_BARRIER     manager does not wait for the acks of the freeze
 *   NO_INFLIGHT    proxy acks the freeze although commands are still outstanding
 *   NO_SELFFENCE   proxy ignores its lease (serves although its view is older than the lease)
 *   NO_RELAYCHECK  proxy checks the lease when it sends, but not when the reply arrives
 *   NAIVE_RELAY    ... checks only "the lease is valid now", not "valid without a gap since the send"
 *   HOLD_OWNER     after a gap the reply is relayed when the fresh view names the same owner
 *                  (right: only when no freeze has been entered since the command was sent)
 *   NO_GATE        maintenance connections are not killed (late RESTORE / late DEL)
 *   NO_TERM        ZooKeeper writes are compare-and-set on the version only, without the leader term
 *   NO_DRAIN       owner switched without copying what was written since the first copy
 *   EARLY_DRAIN    drained before the acks are in
 *   UNILATERAL     a proxy that has waited long enough in the freeze thaws without asking ZooKeeper
 */
#define NP 2
#ifndef OPS0
#define OPS0 2            /* operations through proxy 0 (the one that is partitioned) */
#endif
#ifndef OPS1
#define OPS1 2
#endif
#ifndef MAXH
#define MAXH 1            /* 1: A->B,  2: A->B->A (rollback after the switch) */
#endif
#ifndef TERMS
#define TERMS 2           /* manager incarnations: 2 = one crash (or one deposed manager that runs on) */
#endif
#ifndef MAXABORT
#define MAXABORT 1        /* watchdog aborts (or unilateral thaws) in one run */
#endif
#ifndef TRIES
#define TRIES 2           /* attempts per manager incarnation */
#endif
#define GENS (TERMS*TRIES*2)   /* maintenance connections: one for the copy, one for the cleanup of every attempt */

#define STABLE 0
#define COPY   1
#define FREEZE 2

/* ---- ZooKeeper ----  (instead of version numbers: every change marks all the other readers stale) */
byte zk_state = STABLE, zk_owner = 0, zk_term = 0, zk_hand = 0;
byte zk_frz = 0;          /* number of freezes entered so far ("attempt" in the topology) */
bool p_stale[NP], m_stale[TERMS];
#define CHANGED d_step { p_stale[0] = true; p_stale[1] = true; m_stale[0] = true; m_stale[TERMS-1] = true }
/* ---- redis ----  maintenance connection g: queue of commands under way, killed or not */
byte store[2];
bool killed[GENS], dropped[GENS];
byte q0[GENS], q1[GENS];  /* two commands under way at most; 0 = none */
/* ---- proxies ---- */
byte v_state[NP], v_owner[NP];
bool acks[NP], inflight[NP];
byte part = 0;            /* proxy 0 and ZooKeeper: 0 connected, 1 cut off, 2 healed */
bool lease0 = true;       /* lease of proxy 0; proxy 1 renews its lease in time throughout */
bool gap0 = false;        /* the lease of proxy 0 has lapsed since the outstanding command was sent */
byte v_frz0 = 0, g0 = 0;  /* freezes known to proxy 0; ... when the outstanding command was sent (HOLD_OWNER: the owner then) */
#define LEASE(p) (p != 0 || lease0)
#ifdef HOLD_OWNER
#define GAP(p)   (p == 0 && gap0 && v_owner[0] != g0)
#else
#define GAP(p)   (p == 0 && gap0 && v_frz0 != g0)   /* a reply held over a gap is relayed if no freeze has been entered meanwhile */
#endif
/* ---- ghosts ---- */
byte acked = 0, nabort = 0;
#ifdef NO_SEEN
#define SEEN(r) skip
#else
bool seen[OPS0+OPS1+2];
#define SEEN(r) assert(!seen[r]); seen[r] = true
#endif

#define REACHES_ZK(p) (p != 0 || part != 1)
#ifdef NO_SELFFENCE
#define MAY_SERVE(p) (v_state[p] != FREEZE)
#else
#define MAY_SERVE(p) (v_state[p] != FREEZE && LEASE(p))
#endif
#if defined(NO_RELAYCHECK) || defined(NO_SELFFENCE)
#define MAY_RELAY(p) true
#elif defined(NAIVE_RELAY)
#define MAY_RELAY(p) LEASE(p)
#else
#define MAY_RELAY(p) (LEASE(p) && !GAP(p))
#endif
#ifdef NO_TERM
#define LEADER(t) true
#else
#define LEADER(t) (zk_term == t)
#endif
#ifdef NO_INFLIGHT
#define QUIET(p) true
#else
#define QUIET(p) (!inflight[p])
#endif

/* ---- a client working through proxy p ---- */
proctype Proxy(byte p)
{
  byte n = (p == 0 -> OPS0 : OPS1), inv = 0, b = 0, r = 0; bool inc = false;
end_p:
  do
  :: atomic { n > 0 && MAY_SERVE(p) ->                                        /* invocation and gate */
       inv = acked; b = v_owner[p]; inflight[p] = true;
#ifdef HOLD_OWNER
       if :: p == 0 -> g0 = v_owner[0] :: else fi }
#else
       if :: p == 0 -> g0 = v_frz0 :: else fi }
#endif
     atomic { if :: store[b]++; inc = true :: inc = false fi; r = store[b]; b = 0 }  /* executed by redis, any time later */
     atomic {                                                                 /* reply; while the lease is gone it may be held (this step waits) or dropped */
       if
       :: MAY_RELAY(p) ->
          if
          :: inc -> assert(r > inv); SEEN(r); acked++
          :: else -> assert(r >= inv)
          fi
       :: else                                                                /* outcome unknown to the client */
       fi;
       inflight[p] = false; n--; inv = 0; r = 0; inc = false;
       if :: p == 0 -> gap0 = false; g0 = 0 :: else fi;
       if :: REACHES_ZK(p) && v_state[p] == FREEZE && !p_stale[p] -> acks[p] = true :: else fi }
  od
}

/* ---- control plane of proxy p ---- */
proctype Ctl(byte p)
{
end_c:
  do
  :: atomic { REACHES_ZK(p) && (p_stale[p] || !LEASE(p)) ->                   /* heartbeat write, then topology read */
        if :: p_stale[p] -> acks[p] = false :: else fi;
        p_stale[p] = false; v_state[p] = zk_state; v_owner[p] = zk_owner;
        if :: p == 0 -> lease0 = true; v_frz0 = zk_frz :: else fi;
        if :: v_state[p] == FREEZE && QUIET(p) -> acks[p] = true :: else fi }
  :: atomic { REACHES_ZK(p) && v_state[p] == FREEZE && !p_stale[p] && !acks[p] && QUIET(p) -> acks[p] = true }   /* the ack */
#ifdef UNILATERAL
  :: atomic { v_state[p] == FREEZE && nabort < MAXABORT -> v_state[p] = COPY; nabort++ }
#endif
  :: atomic { p == 0 && part == 0 -> part = 1 }                               /* partition ... */
  :: atomic { p == 0 && part == 1 && lease0 -> lease0 = false; gap0 = inflight[0] }  /* ... outlives the lease */
  :: atomic { p == 0 && part == 1 -> part = 2 }                               /* ... heals */
  od
}

/* anybody may abort a freeze, but only through ZooKeeper */
proctype Watchdog()
{
#ifndef UNILATERAL
  atomic { zk_state == FREEZE && nabort < MAXABORT -> zk_state = COPY; nabort++; CHANGED }
#endif
end_w: false
}

/* ---- maintenance commands: value*4 + backend*2 + (1 = SET value, 0 = DEL) ---- */
proctype Net()
{
  byte m = 0, g = 0;
end_n:
  do
  :: atomic { g = 0; do :: g < GENS-1 -> g++ :: q0[g] != 0 -> break od;           /* any connection, any time */
       m = q0[g]-1; store[(m/2)%2] = m/4; q0[g] = q1[g]; q1[g] = 0; m = 0; g = 0 }
  od
}
inline send(be,kind,val) {
  atomic { if :: killed[gen] -> dropped[gen] = true
              :: !killed[gen] && q0[gen] == 0 -> q0[gen] = 1+(val)*4+(be)*2+kind
              :: !killed[gen] && q0[gen] != 0 -> assert(q1[gen] == 0); q1[gen] = 1+(val)*4+(be)*2+kind fi }
}
/* CLIENT KILL: what is still under way on the connection will never be executed */
inline kill(g) {
  if :: q0[g] != 0 -> dropped[g] = true; q0[g] = 0; q1[g] = 0 :: else fi; killed[g] = true
}
/* record a new maintenance connection in ZooKeeper (needs the term), then kill all the earlier ones on both redis */
inline register(g) {
  atomic { if :: !LEADER(t) -> goto stop :: else -> gen = g fi };
#ifndef NO_GATE
  atomic { i = 0; do :: i < GENS && i != gen && !(i/(TRIES*2) == me && i > gen) -> if :: !killed[i] && (i/(TRIES*2) < t) -> kill(i) :: else fi; i++
                     :: i < GENS && (i == gen || (i/(TRIES*2) == me && i > gen)) -> i++
                     :: i == GENS -> break od; i = 0 }
#endif
}

proctype Manager(byte me)
{
  byte t = 0, st = 0, ow = 0, gen = 0, i = 0, tries = 0;
end_m0:
  atomic { zk_term == me -> zk_term = me+1; t = me+1 }         /* takes over at any time; the old one may go on */
again:
  atomic {
    m_stale[me] = false; st = zk_state; ow = zk_owner; gen = 0; i = 0;
    if
    :: tries == TRIES || (st == STABLE && zk_hand >= MAXH) -> goto stop
    :: else -> tries++
    fi };
  register(me*TRIES*2 + (tries-1)*2);
  if                                                           /* STABLE or FREEZE -> COPY */
  :: st == COPY
  :: st != COPY ->
     atomic {
       if
       :: LEADER(t) && !m_stale[me] -> zk_state = COPY; CHANGED; m_stale[me] = false
       :: else -> goto again
       fi }
  fi;
  send(1-ow, 1, store[ow]);                                    /* first copy (a key that is absent on the source is 0) */
  atomic {                                                     /* COPY -> FREEZE */
    if
    :: LEADER(t) && !m_stale[me] -> zk_state = FREEZE; zk_frz++; CHANGED; m_stale[me] = false
    :: else -> goto again
    fi };
#ifdef EARLY_DRAIN
  send(1-ow, 1, store[ow]);
#endif
#ifndef NO_BARRIER
end_m1:
  do                                                           /* every proxy has acked or its lease is gone */
  :: atomic { !m_stale[me] && i < NP && ((!p_stale[i] && acks[i]) || !LEASE(i)) -> i++ }
  :: atomic { !m_stale[me] && i == NP -> i = 0; break }
  :: atomic { m_stale[me] -> goto again }                      /* somebody aborted the freeze */
  od;
#endif
#if !defined(NO_DRAIN) && !defined(EARLY_DRAIN)
  send(1-ow, 1, store[ow]);
#endif
end_m2:
  if                                                           /* all replies of the target are in ... */
  :: q0[gen] == 0 && !dropped[gen]
  :: dropped[gen] -> goto again                                /* ... or the connection is gone: retry */
  :: m_stale[me] -> goto again
  fi;
#ifndef NO_GATE
  atomic { kill(gen) };                                        /* close the gate */
#endif
  atomic {                                                     /* FREEZE -> STABLE: the switch */
    if
    :: LEADER(t) && !m_stale[me] -> zk_state = STABLE; zk_owner = 1-ow; zk_hand++; CHANGED; m_stale[me] = false
    :: else -> goto again
    fi };
  register(me*TRIES*2 + (tries-1)*2 + 1);
  send(ow, 0, 0);                                              /* cleanup of the old owner */
  goto again;
stop:
  atomic { st = 0; ow = 0; gen = 0; i = 0; tries = 0; t = 0 };
end_stop: false
}

/* the owner known to ZooKeeper holds every acknowledged INCR, in every reachable state */
proctype Monitor() { end_i: atomic { store[zk_owner] < acked -> assert(false) } }

#ifdef REACH   /* reachability check: the handoff completes, during the partition, by the second manager, after an abort (assertion "violated" = reachable) */
proctype Reach() { end_r: atomic { zk_hand == MAXH && zk_state == STABLE && zk_term == TERMS && part == 1 && nabort == MAXABORT && acked == OPS0+OPS1-1 -> assert(false) } }
#endif

init {
  byte p = 0;
  atomic {
    do
    :: p < NP -> run Proxy(p); run Ctl(p); p++
    :: else -> break
    od;
    p = 0;
    run Net(); run Watchdog(); run Monitor();
#ifdef REACH
    run Reach();
#endif
    do
    :: p < TERMS -> run Manager(p); p++
    :: else -> break
    od
  }
}
