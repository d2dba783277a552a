package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.SlotsAnswer;
import io.sluice.manager.migration.BeginHandoff;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice ctl slots}. */
@Command(
        name = "slots",
        header = "Show who owns which slots, say it, or move them with their keys.",
        subcommands = {SlotsCommand.Show.class, SlotsCommand.Assign.class, SlotsCommand.Move.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl slots show",
            "  sluice ctl slots assign --free",
            "  sluice ctl slots assign s1 0-8191",
            "  sluice ctl slots move --from s1 --to s2 --slots 0-511 --watch"
        })
final class SlotsCommand extends CommandGroup {

    /** {@code sluice ctl slots show}. */
    @Command(
            name = "show",
            header = "Show the slots of a pool, range by range.",
            footerHeading = "%nExamples:%n",
            footer = {"  sluice ctl slots show", "  sluice ctl slots show --pool sessions --json"})
    static final class Show extends CtlAction {

        @Option(names = "--pool", paramLabel = "POOL", description = "Which pool; needed if there are several.")
        private @Nullable String pool;

        @Override
        int run(Ctl ctl) {
            return ctl.show(
                    ctl.manager().get("/v1/pools/" + Ctl.encoded(ctl.pool(pool)) + "/slots"),
                    SlotsAnswer.class,
                    AnswerText::slots);
        }
    }

    /** {@code sluice ctl slots assign}. */
    @Command(
            name = "assign",
            header = "Give slots to a shard. No key is moved.",
            description = {
                "",
                "With --free, shares out the slots that nobody owns, so that all shards have",
                "about as many. Slots of another shard need --force: their keys stay where",
                "they are, and are not found any more.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {"  sluice ctl slots assign --free", "  sluice ctl slots assign s1 0-99,200"})
    static final class Assign extends PoolChangeAction {

        @Parameters(index = "0", arity = "0..1", paramLabel = "SHARD", description = "Who gets them.")
        private @Nullable String shard;

        @Parameters(index = "1", arity = "0..1", paramLabel = "SLOTS", description = "Such as 0-99,200.")
        private @Nullable String slots;

        @Option(names = "--free", description = "All that nobody owns, to all shards.")
        private boolean free;

        @Option(names = "--force", description = "Also if another shard owns some of them.")
        private boolean force;

        @Override
        int run(Ctl ctl) {
            if (free == (shard != null) || (shard == null) != (slots == null)) {
                throw CtlException.badInput(
                        "which slots, and whose?", "say SHARD and SLOTS, or --free and neither of them");
            }
            return change(ctl, "slots assign")
                    .with("shard", shard)
                    .with("slots", slots)
                    .with("free", free)
                    .with("force", force)
                    .run();
        }
    }

    /** {@code sluice ctl slots move}. */
    @Command(
            name = "move",
            header = "Move slots with their keys to another shard, while clients go on.",
            description = {
                "",
                "The keys are copied, and what is written meanwhile follows them. Then clients",
                "of these slots wait for a moment, and the other shard owns them. Without",
                "--watch this command ends when the move has begun: see 'ctl migrations'.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl slots move --from s1 --to s2 --slots 0-511",
                "  sluice ctl slots move --from s1 --to s2 --slots 0-511 --watch --yes",
                "  sluice ctl slots move --from s1 --to s2 --slots 0-511 --keys-per-second 500"
            })
    static final class Move extends PoolChangeAction {

        @Option(names = "--from", required = true, paramLabel = "SHARD", description = "Who owns them.")
        private String from;

        @Option(names = "--to", required = true, paramLabel = "SHARD", description = "Who shall own them.")
        private String to;

        @Option(names = "--slots", required = true, paramLabel = "RANGES", description = "Such as 0-511,600.")
        private String slots;

        @Mixin
        private EngineOptions engine;

        @Option(names = "--watch", description = "Show how it gets on, until the other shard owns them.")
        private boolean watch;

        @Override
        int run(Ctl ctl) {
            String id = BeginHandoff.newId(Instant.now());
            String named = pool(ctl);
            int code = engine.addTo(change(ctl, "slots move"))
                    .with("id", id)
                    .with("slots", slots)
                    .with("from", from)
                    .with("to", to)
                    .run();
            return isBegun(ctl, code) && watch ? new MigrationWatch(ctl).untilSwitched(named, id, slots, to) : code;
        }
    }
}
