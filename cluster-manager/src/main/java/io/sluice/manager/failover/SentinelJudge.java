package io.sluice.manager.failover;

import io.sluice.manager.redis.ServerRole;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges the primary of one shard by what sentinels say. A configuration epoch is given by a majority of sentinels to one
 * failover, so a newer one is true whoever tells it first; an older one never wins against it.
 *
 * <pre>
 *   newest view                                        is believed
 *   newer than the one believed, says it is a primary  at once, from one sentinel
 *   newer, cannot be reached from here                 at once, from a quorum
 *   the first since we lead, old one is no primary     at once, from a quorum
 *   any other: both are primaries, epochs started anew from a quorum, if it stays for {@link #SETTLE}
 *   says of itself that it is a replica                never
 * </pre>
 *
 * For one thread.
 */
final class SentinelJudge {

    /** Sentinels tell each other every two seconds, so nobody who hears the others is behind for so long. */
    static final Duration SETTLE = Duration.ofSeconds(5);

    private static final long NONE = -1;

    private final int quorum;
    private final LongSupplier nanoClock;
    private long believedEpoch = NONE;
    private @Nullable SentinelView settling;
    private long settlingSince;

    SentinelJudge(int quorum, LongSupplier nanoClock) {
        this.quorum = quorum;
        this.nanoClock = nanoClock;
    }

    /**
     * The verdict.
     *
     * @param primary the topology's
     * @param said by each sentinel that answers and knows the master
     * @param meant the topology's name for an address
     * @param ask the role of a server
     */
    Verdict judge(
            ServerAddress primary,
            List<SentinelView> said,
            UnaryOperator<ServerAddress> meant,
            Function<ServerAddress, ServerRole> ask) {
        SentinelView waited = settling;
        settling = null; // unless this round goes on with the wait, the next one begins anew
        List<SentinelView> newest = newest(said);
        if (newest.isEmpty()) {
            return new Verdict.Stay("no sentinel answers");
        }
        Map<ServerAddress, Long> voices = newest.stream()
                .collect(Collectors.groupingBy(view -> meant.apply(view.primary()), Collectors.counting()));
        if (voices.size() > 1) {
            return new Verdict.Stay("sentinels name different primaries at the same epoch: " + named(voices));
        }
        ServerAddress named = voices.keySet().iterator().next();
        SentinelView view = new SentinelView(newest.get(0).configEpoch(), named);
        boolean agreed = newest.size() >= quorum;
        if (named.equals(primary)) {
            return confirmed(view, agreed);
        }
        return other(primary, view, agreed, newest.size(), ask, waited);
    }

    private static List<SentinelView> newest(List<SentinelView> said) {
        long epoch = said.stream().mapToLong(SentinelView::configEpoch).max().orElse(NONE);
        return said.stream().filter(view -> view.configEpoch() == epoch).toList();
    }

    private static String named(Map<ServerAddress, Long> voices) {
        return voices.keySet().stream()
                .sorted(Comparator.comparing(ServerAddress::toString))
                .map(ServerAddress::toString)
                .collect(Collectors.joining(", "));
    }

    /** An epoch is believed once the topology has its primary, so that a change that failed is new the next time, too. */
    private Verdict confirmed(SentinelView view, boolean agreed) {
        if (agreed || view.configEpoch() > believedEpoch) {
            believedEpoch = view.configEpoch();
        }
        return Verdict.FINE;
    }

    private Verdict other(
            ServerAddress primary,
            SentinelView view,
            boolean agreed,
            int voices,
            Function<ServerAddress, ServerRole> ask,
            @Nullable SentinelView waited) {
        ServerRole role = ask.apply(view.primary());
        String says = "sentinels name " + view.primary() + " at their epoch " + view.configEpoch();
        if (role instanceof ServerRole.Replica) {
            return new Verdict.Stay(says + ", but it says it is a " + role.text());
        }
        boolean newer = believedEpoch != NONE && view.configEpoch() > believedEpoch;
        if (newer && role instanceof ServerRole.Primary) {
            return new Verdict.Follow(view.primary(), says + ", and it says it is a primary");
        }
        if (!agreed) {
            return new Verdict.Stay(says + ": " + voices + " of them, which is less than the quorum of " + quorum
                    + ", and it is not known as newer and " + role.text());
        }
        boolean first = believedEpoch == NONE && !(ask.apply(primary) instanceof ServerRole.Primary);
        return newer || first || hasSettled(view, waited)
                ? new Verdict.Follow(view.primary(), says + ", and " + voices + " of them agree")
                : new Verdict.Stay(says + ", no newer one than before; waiting whether that stays");
    }

    private boolean hasSettled(SentinelView view, @Nullable SentinelView waited) {
        long now = nanoClock.getAsLong();
        if (!view.equals(waited)) {
            settlingSince = now;
        }
        settling = view;
        return now - settlingSince >= SETTLE.toNanos();
    }
}
