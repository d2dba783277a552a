package io.sluice.manager.api;

import io.sluice.manager.api.Answers.HistoryAnswer;
import io.sluice.manager.api.Answers.HistoryLineAnswer;
import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.change.ChangeDesk;
import io.sluice.manager.change.ChangePlan;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Plans, changes, and what was changed before. */
final class ChangePages {

    private static final int FEW = 20;

    /** More history is not shown at once. */
    private static final int MANY = 1000;

    private final Cluster cluster;
    private final ChangeDesk desk;

    ChangePages(Cluster cluster, ChangeDesk desk) {
        this.cluster = cluster;
        this.desk = desk;
    }

    String history(ApiRequest request) throws StoreException, ApiException {
        int limit = request.number("limit", FEW, 1, MANY);
        return ApiJson.text(new HistoryAnswer(
                cluster.history().newest(limit).stream().map(ChangePages::line).toList()));
    }

    private static HistoryLineAnswer line(HistoryEntry entry) {
        return new HistoryLineAnswer(
                entry.at().toString(),
                entry.by(),
                entry.title(),
                entry.epochBefore(),
                entry.epochAfter(),
                entry.lines());
    }

    String plan(ApiRequest request) throws ApiException, StoreException, ChangeRefusedException {
        ChangeRequest asked = read(request);
        return answer(asked, desk.plan(asked.change()), null);
    }

    String apply(ApiRequest request) throws ApiException, StoreException, ChangeRefusedException {
        ChangeRequest asked = read(request);
        if (!cluster.leadership().leads()) {
            throw ApiException.notLeader(cluster.leadership().leaderUrl());
        }
        ChangePlan done = desk.apply(asked.change(), request.caller().as(asked.by()), asked.expectedEpoch());
        return answer(asked, done, done.isEmpty() ? null : (Long) done.after().epoch());
    }

    private static ChangeRequest read(ApiRequest request) throws ApiException {
        try {
            return ChangeReader.read(request.body());
        } catch (ConfigException e) {
            throw ApiException.of(e);
        }
    }

    private static String answer(ChangeRequest asked, ChangePlan plan, @Nullable Long newEpoch) {
        return ApiJson.text(
                new PlanAnswer(asked.change().title(), plan.before().epoch(), newEpoch, plan.lines(), plan.warnings()));
    }
}
