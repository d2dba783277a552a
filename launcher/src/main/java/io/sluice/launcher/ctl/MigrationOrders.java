package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.migration.BeginHandoff;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What may be done to a move that runs: the subcommands of {@code sluice ctl migrations}. */
final class MigrationOrders {

    private MigrationOrders() {}

    /** {@code sluice ctl migrations pause}. */
    @Command(
            name = "pause",
            header = "Let a move rest; the source goes on serving.",
            description = {
                "",
                "At once, without asking. A freeze is ended. What clients write meanwhile is",
                "remembered; if that becomes too much, the copy begins anew later. After the",
                "switch, the keys stay on the source until you resume.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl migrations pause m-20261121-140312-k3f9")
    static final class Pause extends MoveAction {

        @Override
        int run(Ctl ctl) {
            return change(ctl, "migrations pause").withoutAsking().run();
        }
    }

    /** {@code sluice ctl migrations resume}. */
    @Command(
            name = "resume",
            header = "Let a move that was paused go on.",
            description = {"", "At once, without asking.", ""},
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl migrations resume m-20261121-140312-k3f9")
    static final class Resume extends MoveAction {

        @Override
        int run(Ctl ctl) {
            return change(ctl, "migrations resume").withoutAsking().run();
        }
    }

    /** {@code sluice ctl migrations limits}. */
    @Command(
            name = "limits",
            header = "Let a move take more or less, while it runs.",
            description = {
                "",
                "At once, without asking; it goes at the new pace within two seconds. 'auto'",
                "takes a limit back: then the one in the manager's file holds.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl migrations limits m-20261121-140312-k3f9 --keys-per-second 1000",
                "  sluice ctl migrations limits m-20261121-140312-k3f9 --bytes-per-second auto"
            })
    static final class Limits extends MoveAction {

        @Mixin
        private LimitOptions limits;

        @Override
        int run(Ctl ctl) {
            return limits.addTo(change(ctl, "migrations limits"))
                    .withoutAsking()
                    .run();
        }
    }

    /** {@code sluice ctl migrations abort}. */
    @Command(
            name = "abort",
            header = "Leave slots, or a ring's servers, as they were.",
            description = {
                "",
                "Slots: only before the switch; the copies are taken away. Afterwards, roll the",
                "move back. A ring goes back step by step, as it came.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl migrations abort m-20261121-140312-k3f9")
    static final class Abort extends MoveAction {

        @Override
        int run(Ctl ctl) {
            return change(ctl, "migrations abort").run();
        }
    }

    /** {@code sluice ctl migrations rollback}. */
    @Command(
            name = "rollback",
            header = "Give slots back to the shard from which they came.",
            description = {
                "",
                "Before the switch the same as abort. After it, the slots move back with their",
                "keys and with what was written since. When the move is over: move them back",
                "with 'sluice ctl slots move'.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl migrations rollback m-20261121-140312-k3f9 --watch")
    static final class Rollback extends MoveAction {

        @Mixin
        private EngineOptions engine;

        @Option(names = "--watch", description = "Show how it gets on, until the slots are back.")
        private boolean watch;

        @Override
        int run(Ctl ctl) {
            String back = BeginHandoff.newId(Instant.now());
            MigrationAnswer there = found(ctl);
            int code = engine.addTo(change(ctl, "migrations rollback"))
                    .with("back", back)
                    .run();
            return isBegun(ctl, code) && watch
                    ? new MigrationWatch(ctl).untilSwitched(there.pool(), back, there.slots(), there.from())
                    : code;
        }
    }
}
