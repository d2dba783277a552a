package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.PlanAnswer;
import io.sluice.manager.api.ApiJson;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a change: shows the plan, asks, applies, waits for the proxies. */
final class ChangeRun {

    private final Ctl ctl;
    private final ChangeOptions options;
    private final boolean planOnly;
    private final Map<String, Object> body = new LinkedHashMap<>();
    private @Nullable Long shownAt;
    private boolean asks = true;
    private boolean insists = true;

    /** @param change what to do, in the words of the API */
    ChangeRun(Ctl ctl, ChangeOptions options, String change) {
        this(ctl, options, options.dryRun() || ctl.planOnly(), change);
    }

    private ChangeRun(Ctl ctl, ChangeOptions options, boolean planOnly, String change) {
        this.ctl = ctl;
        this.options = options;
        this.planOnly = planOnly;
        body.put("change", change);
    }

    /** One that is only shown. */
    static ChangeRun planOnly(Ctl ctl, String change) {
        return new ChangeRun(ctl, new ChangeOptions(), true, change);
    }

    /** With one more member; without it if it is null, false or empty. */
    ChangeRun with(String key, @Nullable Object value) {
        boolean isAbsent =
                value == null || Boolean.FALSE.equals(value) || (value instanceof Collection<?> all && all.isEmpty());
        if (!isAbsent) {
            body.put(key, value);
        }
        return this;
    }

    /** What it does has been shown in other words, as of this epoch; at another one it would do something else. */
    ChangeRun of(long epoch) {
        shownAt = epoch;
        return this;
    }

    /** What can be taken back as easily is done at once. */
    ChangeRun withoutAsking() {
        asks = false;
        return this;
    }

    /** Others may change other things between the plan and this, unless the user insists on an epoch. */
    ChangeRun atAnyEpoch() {
        insists = false;
        return this;
    }

    /** The exit code. */
    int run() {
        Duration patience = planOnly ? Duration.ZERO : options.patience();
        String text = ctl.manager().plan(ApiJson.object(body));
        PlanAnswer plan = Ctl.read(text, PlanAnswer.class);
        rejectStale(plan, options.expectedEpoch());
        rejectStale(plan, shownAt);
        if (ctl.json() && (planOnly || plan.lines().isEmpty())) {
            ctl.out().print(text);
            return CtlExit.OK;
        }
        if (!ctl.json()) {
            show(plan);
        }
        if (planOnly || plan.lines().isEmpty()) {
            return CtlExit.OK;
        }
        askFirst();
        return apply(plan, patience);
    }

    private void show(PlanAnswer plan) {
        if (shownAt == null) {
            AnswerText.plan(plan).forEach(ctl.out()::println);
        } else {
            plan.warnings().forEach(warning -> ctl.out().println("Warning: " + warning));
        }
    }

    private static void rejectStale(PlanAnswer plan, @Nullable Long expected) {
        if (expected != null && expected != plan.epoch()) {
            throw CtlException.of(
                    CtlExit.REFUSED,
                    "epoch_changed",
                    "the cluster is at epoch " + plan.epoch() + ", not " + expected,
                    "somebody changed it: 'sluice ctl history' tells who and what");
        }
    }

    private void askFirst() {
        if (options.yes() || !asks) {
            return;
        }
        Optional<String> answer = ctl.json() ? Optional.empty() : ctl.terminal().ask(ctl.out(), "Apply? [y/N] ");
        if (answer.isEmpty()) {
            throw CtlException.badInput(
                    "nobody to ask, so nothing was changed", "say --yes to apply it, or --dry-run to see the plan");
        }
        String word = answer.get().strip().toLowerCase(Locale.ROOT);
        if (!word.equals("y") && !word.equals("yes")) {
            throw CtlException.of(CtlExit.REFUSED, "declined", "nothing was changed", "");
        }
    }

    private int apply(PlanAnswer plan, Duration patience) {
        if (insists || options.expectedEpoch() != null) {
            body.put("expected_epoch", plan.epoch());
        }
        body.put("by", Ctl.user());
        String text = ctl.manager().apply(ApiJson.object(body));
        PlanAnswer done = Ctl.read(text, PlanAnswer.class);
        if (ctl.json()) {
            ctl.out().print(text);
        }
        @Nullable Long epoch = done.newEpoch();
        if (epoch == null) {
            return CtlExit.OK;
        }
        boolean changesRouting = epoch != done.epoch();
        if (!ctl.json()) {
            ctl.out().println(changesRouting ? "Applied: the cluster is at epoch " + epoch + "." : "Applied.");
            done.warnings().stream()
                    .filter(warning -> !plan.warnings().contains(warning))
                    .forEach(warning -> ctl.out().println("Warning: " + warning));
            ctl.out().flush();
        }
        return patience.isZero() || !changesRouting ? CtlExit.OK : new ProxyWait(ctl, epoch).run(patience);
    }
}
