package io.sluice.manager;

import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TestTopologies;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A manager in a process of its own, which does what it is told on stdin and tells what came of it on stdout.
 *
 * <pre>
 *   loop     while it leads it writes one topology after the other:  wrote EPOCH TERM | refused REASON
 *   read     reads one and keeps it:                                 read EPOCH
 *   write    writes in place of the one it has read:                 wrote EPOCH TERM | refused REASON
 * </pre>
 *
 * What it writes at an epoch is known: the primary's port is that of {@link #portAt}.
 */
final class WritingManager {

    private static final long LOOK_NANOS = 1_000_000;

    private final Cluster cluster;
    private @Nullable StoredTopology kept;

    private WritingManager(Cluster cluster) {
        this.cluster = cluster;
    }

    /** The one argument is the configuration file. */
    public static void main(String[] arguments) throws Exception {
        ClusterManager manager =
                ClusterManager.start(ManagerConfig.read(Path.of(arguments[0])), List.of(new Announcement()));
        WritingManager writer = new WritingManager(manager.cluster());
        say("started " + manager.id());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            writer.obey(command);
        }
        manager.close();
        say("closed");
        System.exit(0);
    }

    static int portAt(long epoch) {
        return 10_000 + (int) (epoch % 50_000);
    }

    /** Says when it begins and ends to lead. */
    private static final class Announcement implements LeaderTask {

        @Override
        public String name() {
            return "announcement";
        }

        @Override
        public void begin(Cluster cluster) {
            say("leads " + cluster.leadership().term());
        }

        @Override
        public void end() {
            say("ended");
        }
    }

    private void obey(String command) {
        switch (command) {
            case "loop" -> new Thread(this::loop, "loop").start();
            case "read" -> read();
            case "write" -> write();
            default -> throw new IllegalArgumentException(command);
        }
    }

    private void loop() {
        while (true) {
            if (cluster.leadership().leads()) {
                keepNewest();
                write();
            } else {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }

    private void read() {
        StoredTopology read = keepNewest();
        if (read != null) {
            say("read " + read.topology().epoch());
        }
    }

    private @Nullable StoredTopology keepNewest() {
        try {
            kept = cluster.topologies().read();
        } catch (StoreException e) {
            say("refused " + e.reason());
            kept = null;
        }
        return kept;
    }

    private void write() {
        StoredTopology before = kept;
        if (before == null) {
            say("refused NOTHING_READ");
            return;
        }
        try {
            StoredTopology after = cluster.topologies()
                    .replace(
                            before,
                            TestTopologies.withPrimaryAt(
                                    portAt(before.topology().epoch() + 1)));
            say("wrote " + after.topology().epoch() + " " + after.topology().term());
        } catch (StoreException e) {
            say("refused " + e.reason());
        }
    }

    /** One line, at once: whoever reads it must know all that was done before a kill. */
    private static void say(String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }
}
