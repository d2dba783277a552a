package io.sluice.manager.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the API answers, field by field as its JSON has them, there in small letters with underscores. */
public final class Answers {

    private Answers() {}

    /** {@code GET /v1/cluster}. */
    public record ClusterAnswer(
            String name, long epoch, long term, @Nullable String leader, ManagerAnswer manager) {}

    /** The manager that answers. */
    public record ManagerAnswer(String name, boolean leads) {}

    /** {@code GET /v1/pools}. */
    public record PoolsAnswer(long epoch, List<PoolAnswer> pools) {}

    /**
     * {@code GET /v1/pools/NAME}.
     *
     * @param slots how many there are; null for a ring
     * @param unowned those without an owner; null for a ring
     * @param shards none for a ring
     * @param servers none for a pool of slots
     */
    public record PoolAnswer(
            String name,
            String protocol,
            String distribution,
            String hash,
            @Nullable String hashTag,
            @Nullable Integer slots,
            @Nullable String unowned,
            List<ShardAnswer> shards,
            List<RingServerAnswer> servers,
            List<HandoffAnswer> handoffs) {}

    /** {@code GET /v1/pools/NAME/shards}. */
    public record ShardsAnswer(long epoch, String pool, List<ShardAnswer> shards) {}

    /**
     * A shard.
     *
     * @param owns its slots, such as {@code 0-8191}
     * @param slots how many these are
     * @param draining true if it gives all of them to others, and is removed then; else null
     */
    public record ShardAnswer(
            String name,
            String primary,
            List<String> replicas,
            String owns,
            int slots,
            @Nullable Boolean draining) {}

    public record RingServerAnswer(String name, String address, int weight) {}

    /**
     * Slots on their way, or that wait for their turn.
     *
     * @param state COPY, FREEZE or SWITCHED; WAITING before it has begun
     */
    public record HandoffAnswer(String id, String state, String slots, String from, String to) {}

    /** {@code GET /v1/pools/NAME/slots}: ranges in order, {@code shard} and {@code primary} null where nobody owns. */
    public record SlotsAnswer(long epoch, String pool, int slots, List<RangeAnswer> ranges) {}

    public record RangeAnswer(
            String slots,
            int count,
            @Nullable String shard,
            @Nullable String primary) {}

    /** {@code GET /v1/proxies}. */
    public record ProxiesAnswer(long epoch, List<ProxyAnswer> proxies) {}

    /**
     * A registered proxy.
     *
     * @param started empty if what it wrote cannot be understood
     * @param applied the epoch it serves; 0 if it has told none yet
     * @param behindBy how many epochs that is behind the cluster
     * @param heartbeatAgeMs null if it has sent none
     * @param refused the newest epoch that it cannot serve, if there is one
     * @param reason why not; or, without an epoch that it refuses, why what it wrote cannot be understood
     */
    public record ProxyAnswer(
            String id,
            String version,
            String admin,
            String started,
            Map<String, String> pools,
            boolean live,
            long applied,
            long behindBy,
            @Nullable Long heartbeatAgeMs,
            @Nullable Long refused,
            @Nullable String reason) {}

    /** {@code DELETE /v1/proxies/ID}. */
    public record ProxyRemovedAnswer(String id, String assumes) {}

    /** {@code GET /v1/failover}: one for each shard of Redis servers. */
    public record FailoverAnswer(List<FollowedAnswer> shards) {}

    /**
     * How the primary of a shard is followed.
     *
     * @param followedBy {@code sentinel}, {@code role} or {@code nobody}
     * @param note what people should look at; null if all is well
     */
    public record FollowedAnswer(
            String pool,
            String shard,
            String primary,
            String followedBy,
            @Nullable String note) {}

    /**
     * {@code GET /v1/explain}.
     *
     * @param position the slot, or the point of the ring; null where there is none
     * @param server the shard or the ring's server; null if nobody owns the key
     */
    public record ExplainAnswer(
            long epoch,
            String pool,
            String distribution,
            String hashedPart,
            long hash,
            @Nullable Long position,
            long positions,
            @Nullable String server,
            @Nullable String address,
            @Nullable HandoffAnswer handoff) {}

    /** {@code GET /v1/migrations}: slots in the order in which they were begun, and rings. */
    public record MigrationsAnswer(List<MigrationAnswer> migrations, List<RingAnswer> rings) {}

    /**
     * A ring on its way to other servers.
     *
     * @param kind {@code cache} or {@code broker}
     * @param state prepare, invalidate, window, closing, turning or draining
     * @param back whether it goes back, or will
     * @param share of the keys that get another server, 0 to 1
     * @param comes names of servers that come
     * @param goes names of servers that go
     * @param since when the state was entered
     * @param ends when it ends; null if that is not known
     * @param swept leftovers taken off the new owners
     * @param queues that the old owners still have
     * @param lastError what went wrong last; null if nothing did
     */
    public record RingAnswer(
            String id,
            String pool,
            String kind,
            String state,
            boolean back,
            double share,
            List<String> comes,
            List<String> goes,
            String since,
            @Nullable String ends,
            String step,
            List<String> waitsFor,
            long swept,
            long queues,
            @Nullable String lastError) {}

    /**
     * Slots on their way.
     *
     * @param state of the handoff: copy, freeze or switched; waiting before it has begun
     * @param paused whether somebody paused it
     * @param step what is done or waited for
     * @param waitsFor what keeps it from the next step
     * @param done share of the way, 0 to 1
     * @param attempt how often it has been frozen
     * @param frozenMs for how long it has been frozen now; null if it is not
     * @param lastFreezeMs how long the last freeze lasted; null if there was none
     * @param copy as it is, or was last; null before it began
     * @param lastError what went wrong last; null if nothing did
     */
    public record MigrationAnswer(
            String id,
            String pool,
            String slots,
            String from,
            String to,
            String state,
            boolean paused,
            String step,
            List<String> waitsFor,
            double done,
            int attempt,
            @Nullable Long frozenMs,
            @Nullable Long lastFreezeMs,
            @Nullable CopyAnswer copy,
            @Nullable String lastError) {}

    /**
     * A copy.
     *
     * @param reason why it has this engine
     * @param done share of the first pass, 0 to 1
     * @param keys sent so far, repeated ones included
     * @param bytes of values sent so far
     * @param lagBytes what the source's stream is ahead
     * @param dirtyKeys to be copied again
     * @param spoolBytes waiting on the manager's disk
     * @param remainingMs of the first pass, estimated; null if nothing is known
     * @param pingMs of the target, 99th percentile
     * @param limits in force
     */
    public record CopyAnswer(
            String engine,
            String reason,
            String state,
            double done,
            long keys,
            long bytes,
            long keysPerSecond,
            long bytesPerSecond,
            long lagBytes,
            long dirtyKeys,
            long spoolBytes,
            @Nullable Long remainingMs,
            double pingMs,
            LimitsAnswer limits) {}

    /**
     * What a copy may take.
     *
     * @param slowDownAboveMs pings of the target that take longer slow the copy down
     * @param usedShare of keys and bytes per second, 1/16 to 1: less while the target is slow
     */
    public record LimitsAnswer(
            int keysPerSecond,
            long bytesPerSecond,
            int outstandingCommands,
            long spoolBytes,
            double slowDownAboveMs,
            double usedShare) {}

    /**
     * {@code GET /v1/pools/NAME/rebalance}: moves that would level what shards have; nothing is begun.
     *
     * @param by slots, memory or keys
     * @param drain the shard that would be empty then; null if all are levelled
     * @param shards before and after the moves, with those that are begun already counted as done
     * @param moves none if nothing has to move
     * @param seconds that all of it takes at least, at the limits of a copy; null if that is not known
     * @param notes what is estimated, and what is not known
     */
    public record RebalanceAnswer(
            long epoch,
            String pool,
            String by,
            @Nullable String drain,
            List<ShareAnswer> shards,
            List<MoveAnswer> moves,
            @Nullable Double seconds,
            List<String> notes) {}

    /** What a shard has now and would have then; keys and bytes are estimates, and null where not known. */
    public record ShareAnswer(
            String shard,
            int weight,
            int slotsNow,
            int slotsThen,
            @Nullable Long keysNow,
            @Nullable Long keysThen,
            @Nullable Long bytesNow,
            @Nullable Long bytesThen) {}

    /** A move of a plan; keys, bytes and seconds are estimates, and null where not known. */
    public record MoveAnswer(
            String id,
            String from,
            String to,
            String slots,
            int count,
            @Nullable Long keys,
            @Nullable Long bytes,
            @Nullable Double seconds) {}

    /** {@code GET /v1/history}: the newest first. */
    public record HistoryAnswer(List<HistoryLineAnswer> entries) {}

    public record HistoryLineAnswer(
            String at, String by, String title, long epochBefore, long epochAfter, List<String> lines) {}

    /**
     * {@code POST /v1/plan} and {@code /v1/apply}.
     *
     * @param epoch what it was compared with
     * @param newEpoch what it made; null for a plan, and where nothing changes
     */
    public record PlanAnswer(
            String change, long epoch, @Nullable Long newEpoch, List<String> lines, List<String> warnings) {}

    /**
     * Whatever went wrong.
     *
     * @param error one word for programs
     * @param hint what to do next
     * @param mistakes what is wrong in the request, or in a file that came with it
     * @param leader the manager to ask instead
     */
    public record ErrorAnswer(
            String error,
            String message,
            String hint,
            @Nullable List<MistakeAnswer> mistakes,
            @Nullable String leader) {}

    /**
     * One mistake.
     *
     * @param line from 1; 0 if the whole is meant
     */
    public record MistakeAnswer(String file, int line, int column, String key, String message) {}
}
