package io.sluice.proxy.topology;

import io.sluice.proxy.topology.Registration.Claim;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this process registered, so that the cluster waits for it: under the proxy's name or, once another process has
 * that, beside it. Used by one thread, but for questions; blocks for as long as calls are tried.
 *
 * <pre>
 *   registered ── another process has taken the name ──▶ beside it, as one that had the name before
 *        ▲                                                      │
 *        └──────────────── the name is free again ──────────────┘
 * </pre>
 */
final class Enrolment {

    private static final Logger log = LoggerFactory.getLogger(Enrolment.class);

    /** Version of a node that must not be looked at. */
    private static final int ANY = -1;

    private static final long NO_SESSION = 0;

    private final ZooKeeperSession session;
    private final Registration registration;
    private final Home home;
    private final Runnable onUncounted;
    private volatile boolean superseded;
    private volatile boolean registered;
    private Claim claim;
    private boolean homeIsOurs; // no process that we follow lives there any more
    private boolean versionKnown;
    private int heartbeatVersion = ANY;
    private boolean aside; // something may be registered under the name of a former process
    private long liveSession = NO_SESSION;
    private @Nullable ProxyRegistration toDescribe;

    /**
     * @param alone whether no other process of this home serves under the same name
     * @param onUncounted run when the cluster may have stopped waiting for this process
     */
    Enrolment(ZooKeeperSession session, Registration registration, Home home, boolean alone, Runnable onUncounted) {
        this.session = session;
        this.registration = registration;
        this.home = home;
        this.homeIsOurs = alone;
        this.claim = alone ? Claim.IN_PLACE : Claim.AFTER;
        this.onUncounted = onUncounted;
    }

    boolean isRegistered() {
        return registered;
    }

    /** Whether another process has this proxy's name now. */
    boolean isSuperseded() {
        return superseded;
    }

    /** The name under which the cluster knows it. */
    String name() {
        return registration.name();
    }

    String incarnation() {
        return registration.incarnation();
    }

    String heartbeatPath() {
        return registration.heartbeatPath();
    }

    /** Of the heartbeat's node, as far as it is known. */
    int heartbeatVersion() {
        return heartbeatVersion;
    }

    /** The process that we follow has ended, or has no clients any more. */
    void homeIsOurs() {
        homeIsOurs = true;
    }

    /** Another process of this home that was to follow us has ended, whatever it has written: we are the proxy. */
    void reclaim() {
        claim = Claim.AFTER;
        stepBack();
    }

    private void stepBack() {
        registration.stepBack();
        superseded = false;
        registered = false;
        liveSession = NO_SESSION;
    }

    /** Says something else of the proxy than before. */
    void describe(ProxyRegistration self) {
        toDescribe = self;
    }

    /** Registered when this returns. */
    void ensure(Supplier<Heartbeat> heartbeat) throws Exception {
        if (superseded && registration.isNobodys()) {
            stepBack();
            log.info("The name is free again: path={}", registration.path());
        }
        if (registered && !versionKnown) {
            findVersion();
        }
        if (!registered) {
            register(heartbeat);
        }
        ProxyRegistration next = toDescribe;
        if (next != null) {
            if (!registration.describe(next)) {
                register(heartbeat);
            }
            toDescribe = null;
        }
        moveIn(heartbeat);
        showLife();
    }

    /** After a write of which nothing was heard. An operator may have removed a proxy that was silent for long. */
    private void findVersion() throws Exception {
        OptionalInt version = registration.heartbeatVersion();
        if (registration.belongsToAnother()) { // looked at later: whoever comes now has made a newer version
            supersede();
            return;
        }
        if (version.isEmpty()) {
            lost();
        }
        versionKnown = version.isPresent();
        heartbeatVersion = version.orElse(ANY);
    }

    private void register(Supplier<Heartbeat> heartbeat) throws Exception {
        int version = registration.write(heartbeat.get(), claim);
        if (version == Registration.ANOTHERS) {
            supersede();
            version = registration.write(heartbeat.get(), claim);
        }
        heartbeatVersion = version;
        versionKnown = true;
        registered = true;
        claim = Claim.IF_FREE;
        if (!superseded) {
            home.left(false);
        }
        if (aside && !superseded) {
            registration.forgetAside();
            aside = false;
        }
        log.info("Registered: path={} incarnation={}", registration.path(), incarnation());
    }

    private void supersede() {
        superseded = true;
        registered = false;
        aside = true;
        liveSession = NO_SESSION;
        registration.stepAside();
        onUncounted.run();
        log.warn(
                "Another process has registered under this name; this one follows the topology as {}."
                        + " If it has not been taken over from, give one of the two another proxy_id",
                registration.name());
    }

    /** Whoever follows another process has its home when that one has ended. */
    private void moveIn(Supplier<Heartbeat> heartbeat) throws Exception {
        if (homeIsOurs && !home.isHeld() && home.hold()) {
            home.left(false);
            if (!registration.describeHome()) {
                register(heartbeat);
            }
        }
    }

    private void showLife() throws Exception {
        long now = session.handle().getSessionId();
        if (now != liveSession) {
            registration.showLife();
            liveSession = now;
        }
    }

    // ---- what became of a heartbeat

    void onWritten(int version) {
        heartbeatVersion = version;
    }

    /** Nobody knows what became of it, or another process has written. */
    void onUnknown() {
        versionKnown = false;
    }

    /** There is no such node: somebody has removed this proxy, and the cluster does not wait for it any more. */
    void onNoNode() {
        log.warn("The registration is gone, registering again: path={}", registration.path());
        lost();
    }

    private void lost() {
        registered = false;
        onUncounted.run();
    }

    // ---- the end

    /**
     * Takes the registration away, if it is ours. That it may be gone is kept first. Whoever {@code followed} takes the
     * name itself.
     */
    void leave(boolean followed) throws Exception {
        if (!registered || !session.isConnected()) {
            return; // it stays behind, and the cluster waits for this proxy
        }
        if (superseded) {
            registration.remove();
            return;
        }
        if (followed) {
            log.info("Left to the process that follows: path={}", registration.path());
            return;
        }
        home.left(true);
        if (!registration.remove()) {
            home.left(false);
        }
    }
}
