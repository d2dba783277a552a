package io.sluice.launcher.ctl;

import io.sluice.launcher.text.TextTable;
import io.sluice.manager.imports.CodisGroup;
import io.sluice.manager.imports.CodisImport;
import io.sluice.manager.imports.CodisReader;
import io.sluice.manager.imports.CodisTree;
import io.sluice.manager.imports.ImportException;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.ZnodePaths;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice ctl import codis}: reads codis's tree itself; the manager gets the pool that comes of it. */
@Command(
        name = "codis",
        header = "Take over a product of codis: 1024 slots, each key where it is.",
        description = {
            "",
            "Reads what codis's dashboard keeps in ZooKeeper, and changes nothing there.",
            "Each group becomes a shard 'group-N'. Refused while codis moves slots or",
            "promotes servers. See docs/coming-from-codis.md.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl import codis --zookeeper 10.0.0.1:2181 --product demo --dry-run",
            "  sluice ctl import codis --zookeeper 10.0.0.1:2181,10.0.0.2:2181 \\",
            "      --product demo --pool sessions --auth-file codis.auth"
        })
final class ImportCodisCommand implements Callable<Integer> {

    private static final int CONNECT_SECONDS = 10;
    private static final int SESSION_MILLIS = 15_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ChangeOptions options;

    @Option(
            names = "--zookeeper",
            required = true,
            paramLabel = "HOSTS",
            description = "codis's ZooKeeper: host:port, several with commas.")
    private String zooKeeper;

    @Option(names = "--product", required = true, paramLabel = "NAME", description = "Its product_name.")
    private String product;

    @Option(names = "--pool", paramLabel = "NAME", description = "What the pool will be called. Default: the product.")
    private @Nullable String poolName;

    @Option(
            names = "--auth",
            paramLabel = "USER:PASSWORD",
            description = "codis's coordinator_auth. Others on this machine can see it: better in a file.")
    private @Nullable String auth;

    @Option(names = "--auth-file", paramLabel = "FILE", description = "A file with user:password in one line.")
    private @Nullable String authFile;

    @Override
    public Integer call() {
        return Ctl.run(spec, this::run);
    }

    private int run(Ctl ctl) {
        String pool = poolName == null ? product : poolName;
        if (!ZnodePaths.isName(pool)) {
            throw CtlException.badInput(
                    "'" + pool + "' cannot be the name of a pool", "choose one with --pool: letters, digits, . - _");
        }
        CodisTree tree = tree();
        CodisImport imported = CodisImport.of(tree, pool);
        if (!ctl.json()) {
            show(tree, imported, ctl.out());
        }
        if (!imported.refusals().isEmpty()) {
            throw CtlException.of(
                    CtlExit.REFUSED,
                    "refused",
                    "codis is not in a state in which it can be taken over:\n" + String.join("\n", imported.refusals()),
                    "nothing was changed");
        }
        return ImportCommand.run(ctl, options, "codis " + product, Topology.NONE.withPool(imported.pool()));
    }

    // ---- ZooKeeper

    private CodisTree tree() {
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                .connectString(zooKeeper)
                .sessionTimeoutMs(SESSION_MILLIS)
                .retryPolicy(new RetryNTimes(2, 500));
        String login = login();
        if (login != null) {
            builder.authorization("digest", login.getBytes(StandardCharsets.UTF_8));
        }
        try (CuratorFramework client = builder.build()) {
            client.start();
            if (!client.blockUntilConnected(CONNECT_SECONDS, TimeUnit.SECONDS)) {
                throw CtlException.of(
                        CtlExit.UNREACHABLE,
                        "no_zookeeper",
                        "codis's ZooKeeper at " + zooKeeper + " does not answer within " + CONNECT_SECONDS + " s",
                        "expected --zookeeper HOST:PORT, several with commas");
            }
            return CodisReader.read(client, product);
        } catch (ImportException e) {
            throw CtlException.badInput(String.valueOf(e.getMessage()), "nothing was changed");
        } catch (IllegalArgumentException e) {
            throw CtlException.badInput("--zookeeper: " + e.getMessage(), "expected HOST:PORT, several with commas");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CtlException.of(CtlExit.FAILED, "interrupted", "interrupted", "");
        }
    }

    private @Nullable String login() {
        if (auth != null && authFile != null) {
            throw CtlException.badInput("--auth stands beside --auth-file", "expected one of the two");
        }
        String login = authFile == null ? auth : content(authFile);
        if (login != null && !login.contains(":")) {
            throw CtlException.badInput(
                    "the login has no colon", "expected user:password, as codis's coordinator_auth");
        }
        return login;
    }

    private static String content(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
        } catch (IOException | InvalidPathException e) {
            throw CtlException.badInput(
                    "--auth-file: '" + file + "' cannot be read", "expected user:password in one line");
        }
    }

    // ---- what people see

    private static void show(CodisTree tree, CodisImport imported, PrintWriter out) {
        out.println("codis has:");
        out.println("  product     " + tree.product());
        out.println("  dashboard   " + (tree.dashboard().isEmpty() ? "none" : tree.dashboard()));
        out.println("  proxies     "
                + listed(tree.proxies().stream().map(proxy -> proxy.address()).toList()));
        out.println("  sentinels   " + listed(tree.sentinels()));
        out.println();
        TextTable table = new TextTable().row("GROUP", "SHARD", "PRIMARY", "REPLICAS", "SLOTS", "");
        for (CodisGroup group : tree.groups().values()) {
            Shard shard = imported.pool().shards().get(group.shard());
            if (shard != null) {
                table.row(
                        Integer.toString(group.id()),
                        shard.name(),
                        shard.primary().toString(),
                        listed(shard.replicas().stream().map(Object::toString).toList()),
                        Integer.toString(shard.slots().size()),
                        shard.slots().toString());
            }
        }
        table.lines().forEach(line -> out.println("  " + line));
        imported.warnings().forEach(warning -> out.println("Warning: " + warning));
        out.println();
        if (!tree.sentinels().isEmpty()) {
            sentinelSection(tree, imported.pool().name()).forEach(out::println);
            out.println();
        }
    }

    private static String listed(List<String> all) {
        return all.isEmpty() ? "none" : String.join(", ", all);
    }

    private static List<String> sentinelSection(CodisTree tree, String pool) {
        List<String> lines = new ArrayList<>();
        lines.add("For the manager's file, so that it follows the same sentinels:");
        lines.add("  sentinel:");
        lines.add("    addresses: [" + String.join(", ", tree.sentinels()) + "]");
        lines.add("    masters:");
        lines.add("      " + pool + ":");
        for (Map.Entry<String, String> master : CodisImport.masters(tree).entrySet()) {
            lines.add("        " + master.getKey() + ": \"" + master.getValue() + "\"");
        }
        return lines;
    }
}
