package io.sluice.launcher.ctl;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice ctl server}. */
@Command(
        name = "server",
        header = "Add, drain, remove or promote a server.",
        subcommands = {
            ServerCommand.Add.class,
            ServerCommand.Drain.class,
            ServerCommand.Remove.class,
            ServerCommand.Promote.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl server add 10.0.0.3:6379 --shard s1          one more replica",
            "  sluice ctl server promote s1 10.0.0.3:6379              it takes the writes",
            "  sluice ctl server remove 10.0.0.1:6379",
            "  sluice ctl server add 10.0.0.7:11211 --name gamma --pool pages --window 10m",
            "  sluice ctl server drain gamma --pool pages --window 10m --watch"
        })
final class ServerCommand extends CommandGroup {

    /** {@code sluice ctl server add}. */
    @Command(
            name = "add",
            header = "Add a replica to a shard, or a server to a ring.",
            description = {
                "",
                "A ring's new server gets some keys of the others, and has none of them. With",
                "--window they are looked for at their old servers for a while; with --broker",
                "queues are emptied there first. With neither, it happens at once: a cache fills",
                "up again; for anything else the ring asks for --force.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl server add 10.0.0.3:6379 --shard s1",
                "  sluice ctl server add 10.0.0.7:11211 --name gamma --weight 2 --pool pages",
                "  sluice ctl server add 10.0.0.7:11211 --pool pages --window 10m --watch",
                "  sluice ctl server add 10.0.0.9:6379 --pool jobs --broker"
            })
    static final class Add extends PoolChangeAction {

        @Parameters(paramLabel = "HOST:PORT", description = "Where it listens.")
        private String server;

        @Option(names = "--shard", paramLabel = "SHARD", description = "Whose replica it is.")
        private @Nullable String shard;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "For a ring: what is hashed; default: the address.")
        private @Nullable String name;

        @Option(names = "--weight", paramLabel = "N", description = "For a ring: its share of the keys; default 1.")
        private @Nullable String weight;

        @Option(names = "--force", description = "Also if keys of a ring with redis are not found then.")
        private boolean force;

        @Mixin
        private RingOptions ring;

        @Override
        int run(Ctl ctl) {
            ChangeRun change = change(ctl, "server add")
                    .with("server", server)
                    .with("shard", shard)
                    .with("name", name)
                    .with("weight", weight)
                    .with("force", force);
            int code = (ring.areGiven() ? ring.into(change) : change).run();
            return ring.watch(ctl, options(), code, pool(ctl), List.of(server), List.of());
        }
    }

    /** {@code sluice ctl server drain}. */
    @Command(
            name = "drain",
            header = "Take a server out of a ring under traffic, then remove it.",
            description = {
                "",
                "memcached: for the time of the window (1h by default), what the others have",
                "not is looked for at this one. Redis with queues (--broker): new messages go to",
                "the other servers, and this one is emptied by its consumers first.",
                "Where keys would be lost it is refused, and says what can be done instead.",
                "Set the pool's timeout first: with none, writes of moving keys wait for a",
                "server that hangs, and the change waits with them.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  sluice ctl server drain gamma --pool pages --window 10m --watch",
                "  sluice ctl server drain 10.0.0.9:6379 --pool jobs --broker"
            })
    static final class Drain extends PoolChangeAction {

        @Parameters(paramLabel = "SERVER", description = "HOST:PORT; in a ring its name as well.")
        private String server;

        @Mixin
        private RingOptions ring;

        @Override
        int run(Ctl ctl) {
            int code = ring.into(change(ctl, "server drain").with("server", server))
                    .run();
            return ring.watch(ctl, options(), code, pool(ctl), List.of(), List.of(server));
        }
    }

    /** {@code sluice ctl server remove}. */
    @Command(
            name = "remove",
            header = "Remove a replica, or a server of a ring with the keys it has.",
            footerHeading = "%nExamples:%n",
            footer = {"  sluice ctl server remove 10.0.0.3:6379", "  sluice ctl server remove gamma --pool pages"})
    static final class Remove extends PoolChangeAction {

        @Parameters(paramLabel = "SERVER", description = "HOST:PORT; in a ring its name as well.")
        private String server;

        @Option(names = "--force", description = "Also if keys of a ring with redis are lost then.")
        private boolean force;

        @Override
        int run(Ctl ctl) {
            return change(ctl, "server remove")
                    .with("server", server)
                    .with("force", force)
                    .run();
        }
    }

    /** {@code sluice ctl server promote}. */
    @Command(
            name = "promote",
            header = "Make a replica the primary of its shard: a failover by hand.",
            description = {
                "",
                "Changes the topology only: the server must be a primary by then",
                "('REPLICAOF NO ONE'). The old primary stays in the shard, as a replica.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {"  redis-cli -h 10.0.0.2 replicaof no one", "  sluice ctl server promote s1 10.0.0.2:6379 --yes"})
    static final class Promote extends PoolChangeAction {

        @Parameters(index = "0", paramLabel = "SHARD", description = "Its name.")
        private String shard;

        @Parameters(index = "1", paramLabel = "HOST:PORT", description = "One of its replicas.")
        private String server;

        @Override
        int run(Ctl ctl) {
            return change(ctl, "server promote")
                    .with("shard", shard)
                    .with("server", server)
                    .run();
        }
    }
}
