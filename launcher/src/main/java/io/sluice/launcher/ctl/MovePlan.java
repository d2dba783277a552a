package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MoveAnswer;
import io.sluice.manager.api.Answers.RebalanceAnswer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Has a manager work out some moves, shows them, and has them begun if the user wants it. */
final class MovePlan {

    private final Ctl ctl;
    private final ChangeOptions options;
    private final String pool;
    private String query = "";
    private @Nullable String drained;

    MovePlan(Ctl ctl, ChangeOptions options, String pool) {
        this.ctl = ctl;
        this.options = options;
        this.pool = pool;
    }

    /** @param drain the shard that gives away all it has; null to level all of them */
    MovePlan by(String what, @Nullable String weights, @Nullable String drain) {
        drained = drain;
        query = "?by=" + Ctl.encoded(what)
                + (weights == null ? "" : "&weights=" + Ctl.encoded(weights))
                + (drain == null ? "" : "&drain=" + Ctl.encoded(drain));
        return this;
    }

    /** The exit code. */
    int run(String change, boolean watch) {
        boolean planOnly = options.dryRun() || ctl.planOnly();
        String text = ctl.manager().get("/v1/pools/" + Ctl.encoded(pool) + "/rebalance" + query);
        RebalanceAnswer plan = Ctl.read(text, RebalanceAnswer.class);
        boolean isNothing = plan.moves().isEmpty() && drained == null;
        if (ctl.json() && (planOnly || isNothing)) {
            ctl.out().print(text);
            return CtlExit.OK;
        }
        if (!ctl.json()) {
            MovePlanText.lines(plan).forEach(ctl.out()::println);
            ctl.out().flush();
        }
        if (isNothing) {
            return CtlExit.OK;
        }
        int code = new ChangeRun(ctl, options, change)
                .with("pool", pool)
                .with("shard", drained)
                .with("moves", moves(plan))
                .of(plan.epoch())
                .run();
        return code == CtlExit.OK && watch && !planOnly ? watched(plan) : code;
    }

    private static Map<String, Map<String, String>> moves(RebalanceAnswer plan) {
        Map<String, Map<String, String>> moves = new LinkedHashMap<>();
        plan.moves()
                .forEach(move ->
                        moves.put(move.id(), Map.of("from", move.from(), "to", move.to(), "slots", move.slots())));
        return moves;
    }

    private int watched(RebalanceAnswer plan) {
        String gone = drained;
        Set<String> ids = plan.moves().stream().map(MoveAnswer::id).collect(Collectors.toSet());
        return gone == null
                ? new MovesWatch(ctl, pool).untilArrived(ids, plan.moves())
                : new MovesWatch(ctl, pool).untilRemoved(gone);
    }
}
