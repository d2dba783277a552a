package io.sluice.launcher.ctl;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice ctl pool}. */
@Command(
        name = "pool",
        header = "Create a pool, or remove one.",
        subcommands = {PoolCommand.Create.class, PoolCommand.Remove.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl pool create sessions",
            "  sluice ctl pool create old --slots 1024            as codis places keys",
            "  sluice ctl pool create pages --protocol memcache --distribution ketama \\",
            "      --server '10.0.0.5:11211:1 alpha' --server '10.0.0.6:11211:1 beta'",
            "  sluice ctl pool remove sessions"
        })
final class PoolCommand extends CommandGroup {

    /** {@code sluice ctl pool create}. */
    @Command(
            name = "create",
            header = "Create a pool: slots for shards, or a ring of servers that stand alone.",
            description = {
                "",
                "16384 slots place keys as Redis Cluster does, 1024 as codis does. A ring",
                "(ketama, modula, random) places them as twemproxy does, and needs servers.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl pool create sessions",
                "  sluice ctl pool create pages --distribution ketama --hash fnv1a_64 \\",
                "      --server '10.0.0.5:11211:1 alpha' --protocol memcache"
            })
    static final class Create extends ChangeAction {

        @Parameters(paramLabel = "POOL", description = "Its name.")
        private String pool;

        @Option(names = "--protocol", paramLabel = "WORD", description = "redis (default) or memcache.")
        private @Nullable String protocol;

        @Option(names = "--slots", paramLabel = "N", description = "16384 (default) or 1024.")
        private @Nullable String slots;

        @Option(
                names = "--distribution",
                paramLabel = "WORD",
                description = "slots (default), ketama, modula or random.")
        private @Nullable String distribution;

        @Option(names = "--hash", paramLabel = "WORD", description = "For a ring: fnv1a_64 (default), murmur, ...")
        private @Nullable String hash;

        @Option(names = "--hash-tag", paramLabel = "XX", description = "For a ring: two characters, such as {}.")
        private @Nullable String hashTag;

        @Option(
                names = "--server",
                paramLabel = "SERVER",
                description = "For a ring, once for each: 'HOST:PORT:WEIGHT NAME'.")
        private List<String> servers = List.of();

        @Override
        int run(Ctl ctl) {
            return change(ctl, "pool create")
                    .with("pool", pool)
                    .with("protocol", protocol)
                    .with("distribution", distribution)
                    .with("slots", slots)
                    .with("hash", hash)
                    .with("hash_tag", hashTag)
                    .with("servers", servers)
                    .run();
        }
    }

    /** {@code sluice ctl pool remove}. */
    @Command(
            name = "remove",
            header = "Remove a pool; its servers and their keys stay as they are.",
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl pool remove sessions --dry-run")
    static final class Remove extends ChangeAction {

        @Parameters(paramLabel = "POOL", description = "Its name.")
        private String pool;

        @Option(names = "--force", description = "Also if its servers have keys.")
        private boolean force;

        @Override
        int run(Ctl ctl) {
            return change(ctl, "pool remove")
                    .with("pool", pool)
                    .with("force", force)
                    .run();
        }
    }
}
