package io.sluice.manager.api;

import io.sluice.manager.api.Answers.FailoverAnswer;
import io.sluice.manager.api.Answers.FollowedAnswer;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.store.Leadership;
import java.util.List;
import java.util.function.Supplier;

/** How primaries are followed, which only the manager that leads knows. */
final class FailoverPages {

    private final Leadership leadership;
    private final Supplier<List<ShardStatus>> statuses;

    FailoverPages(Leadership leadership, Supplier<List<ShardStatus>> statuses) {
        this.leadership = leadership;
        this.statuses = statuses;
    }

    String failover(ApiRequest request) throws ApiException {
        if (!leadership.leads()) {
            throw ApiException.notLeader(leadership.leaderUrl());
        }
        return ApiJson.text(new FailoverAnswer(
                statuses.get().stream().map(FailoverPages::answer).toList()));
    }

    private static FollowedAnswer answer(ShardStatus status) {
        return new FollowedAnswer(
                status.pool(),
                status.shard(),
                status.primary().toString(),
                status.followed(),
                status.note().isEmpty() ? null : status.note());
    }
}
