package io.sluice.proxy.topology;

import io.sluice.proxy.config.Membership;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.ZnodePaths;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * This proxy as a member of its cluster. No request waits for anything that is done here. Thread-safe.
 *
 * <pre>
 *   open ─▶ join: registered, topology read ─▶ follow: newer ones are taken up and acknowledged ─▶ leave ─▶ close
 *             └─ no ZooKeeper: the last good file, and registered later
 * </pre>
 */
public final class ClusterMember implements AutoCloseable {

    private static final int SESSIONS_OF_PATIENCE = 2;

    private final Membership membership;
    private final ZooKeeperSession session;
    private final LastGoodFile lastGood;
    private final Home home;
    private final TopologyIntake intake;
    private final Lease lease = new Lease();
    private final Heartbeats heartbeats;

    private ClusterMember(Membership membership, ProxyRegistration self, boolean acknowledges) {
        ZnodePaths paths = new ZnodePaths(membership.cluster());
        this.membership = membership;
        this.session = ZooKeeperSession.open(membership.access());
        this.lastGood = new LastGoodFile(membership.lastGood());
        this.home = Home.open(membership.home());
        this.intake = new TopologyIntake(paths.topology(), lastGood);
        this.heartbeats = new Heartbeats(
                session,
                paths,
                new Registration(
                        session.curator(),
                        paths,
                        membership.proxyId(),
                        new FormerProcesses(session.curator(), paths, membership.proxyId()),
                        home,
                        self),
                home,
                intake,
                lease,
                membership.heartbeat(),
                membership.access().sessionTimeout().multipliedBy(SESSIONS_OF_PATIENCE),
                acknowledges);
    }

    /**
     * Begins to connect; waits for nothing.
     *
     * @param self what the cluster is told of this process
     * @param alone whether no other process serves under the same name; else {@link #acknowledge} says when that is so
     */
    public static ClusterMember open(Membership membership, ProxyRegistration self, boolean alone) {
        return new ClusterMember(membership, self, alone);
    }

    /**
     * Registers and reads the topology; without ZooKeeper, reads the last good file. Blocks for at most twice
     * {@code connect_timeout}.
     *
     * @return what to serve by first; its epoch is 0 if nothing has been written yet
     */
    public Topology join(TopologyTaker test) throws ClusterUnknownException {
        heartbeats.start();
        Duration limit = membership.access().connectTimeout();
        boolean reached = await(limit);
        Topology first = intake.first(test);
        if (!reached && first.epoch() > 0 && home.hasLeft()) {
            throw new ClusterUnknownException("zookeeper: no answer from "
                    + membership.access().connect() + " for " + limit.toMillis()
                    + "ms, and when this proxy was stopped it left cluster '" + membership.cluster()
                    + "', which does not wait for it since: slots may have gone elsewhere meanwhile."
                    + " Start ZooKeeper; or, if nothing has been moved since, remove " + home.path()
                    + ", and it serves by " + lastGood.path() + ", epoch " + first.epoch());
        }
        if (first.epoch() == 0 && !reached) {
            String trouble = heartbeats.trouble().isEmpty() ? "" : " (" + heartbeats.trouble() + ")";
            throw new ClusterUnknownException("zookeeper: no answer from "
                    + membership.access().connect() + " for "
                    + limit.toMillis() + "ms" + trouble + ", and no last good topology in " + lastGood.path()
                    + "; start ZooKeeper, or put a topology of cluster '" + membership.cluster() + "' there");
        }
        return first;
    }

    private boolean await(Duration limit) {
        try {
            if (session.awaitConnected(limit)) {
                heartbeats.firstLook().get(limit.toMillis(), TimeUnit.MILLISECONDS);
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
        return false;
    }

    /**
     * The first topology is served; newer ones go to {@code taker} from now on.
     *
     * @param uptake how far the event loops have come with {@code first}
     */
    public void follow(Topology first, Uptake uptake, TopologyTaker taker) {
        intake.follow(first, uptake, taker, heartbeats::onTopology);
    }

    /** What the taker serves has changed otherwise: a topology that did not fit may fit now. */
    public void reconsider() {
        intake.reconsider();
    }

    /** No other process serves under this name any more: epochs are acknowledged from now on. */
    public void acknowledge() {
        heartbeats.acknowledge();
    }

    /** The process that was to take over has gone: this one is the proxy again. */
    public void reclaim() {
        heartbeats.reclaim();
    }

    /** The cluster is told something else of this process. */
    public void describe(ProxyRegistration self) {
        heartbeats.describe(self);
    }

    /** The connection, for others who write to ZooKeeper. */
    public ZooKeeperSession session() {
        return session;
    }

    /** Until when slots in a handoff may be served. */
    public Lease lease() {
        return lease;
    }

    public MemberStatus status() {
        TopologyStatus topology = intake.status();
        ZooKeeperSession.Condition condition = session.condition();
        TopologyStatus.Refusal refusal = topology.refusal();
        return new MemberStatus(
                membership.cluster(),
                membership.proxyId(),
                topology.routed().epoch(),
                topology.since(),
                topology.applied(),
                condition.state(),
                condition.since(),
                heartbeats.enrolment().isRegistered(),
                heartbeats.enrolment().isSuperseded(),
                lease.age(),
                refusal == null ? 0 : refusal.epoch(),
                trouble(topology),
                topology.changes(),
                topology.refusals());
    }

    private Optional<String> trouble(TopologyStatus topology) {
        long epoch = topology.routed().epoch();
        TopologyStatus.Refusal refusal = topology.refusal();
        if (refusal != null) {
            return Optional.of("topology " + refusal.epoch() + " refused at " + refusal.at() + ", epoch " + epoch
                    + " stays: " + refusal.reason());
        } else if (topology.behind() != TopologyStatus.NOT_BEHIND) {
            return Optional.of(
                    "the topology in ZooKeeper is of epoch " + topology.behind() + ", epoch " + epoch + " stays");
        } else if (topology.deleted() && epoch > 0) {
            return Optional.of("the topology is gone from ZooKeeper, epoch " + epoch + " stays");
        }
        Enrolment enrolment = heartbeats.enrolment();
        return enrolment.isSuperseded()
                ? Optional.of("another process is registered as proxy '" + membership.proxyId() + "', this one as '"
                        + enrolment.name() + "'")
                : Optional.empty();
    }

    /** The proxy has no clients any more: its registration goes, if it is still this process'. Blocks for seconds. */
    public void leave() {
        heartbeats.leave(false);
    }

    /**
     * The same, but another process of this home has taken the clients over: if it has not registered yet, which it may be
     * unable to, the registration stays until it does.
     */
    public void leaveToNext() {
        heartbeats.leave(true);
    }

    @Override
    public void close() {
        heartbeats.close();
        intake.close();
        session.close();
        home.close();
    }
}
