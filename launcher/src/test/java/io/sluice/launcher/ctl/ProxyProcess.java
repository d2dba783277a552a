package io.sluice.launcher.ctl;

import io.sluice.launcher.ProxyJvm;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RespClient;
import io.sluice.testing.ToxicRelay;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A proxy as a process of its own, whose way to ZooKeeper can go bad, and which can be killed, stopped and started again. */
final class ProxyProcess implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern EPOCH = Pattern.compile("Serving by a new topology: epoch=(\\d+)");

    private final Path folder;
    private final Path config;
    private final String id;
    private final int port;
    private final int admin = FreePorts.next();
    private final ToxicRelay zooKeeper;
    private final List<ProxyJvm> runs = new ArrayList<>(); // the last is the one of now

    private ProxyProcess(Path folder, String id, int port, ToxicRelay zooKeeper) throws IOException {
        this.folder = folder;
        this.id = id;
        this.port = port;
        this.zooKeeper = zooKeeper;
        this.config = Files.writeString(folder.resolve("sluice.yaml"), """
                workers: 2
                admin: 127.0.0.1:%d
                zookeeper:
                  connect: %s
                  cluster: %s
                  proxy_id: %s
                  session_timeout: 4s
                  connect_timeout: 2s
                pools:
                  %s:
                    listen: 127.0.0.1:%d
                    topology: zookeeper
                    timeout: 5s
                """.formatted(
                        admin, zooKeeper.address(), FaultyCluster.CLUSTER, id, FaultyCluster.POOL, port));
    }

    /** One that keeps its files in this folder, which is made; not started yet. */
    static ProxyProcess in(Path folder, String id, int zooKeeperPort) throws IOException {
        Files.createDirectories(folder);
        return new ProxyProcess(folder, id, FreePorts.next(), ToxicRelay.to(zooKeeperPort));
    }

    /** Starts it, again if it has ended. It may not be ready when this returns. */
    ProxyProcess start() throws IOException {
        runs.add(ProxyJvm.start(folder, Map.of("STATE_DIRECTORY", ""), "--config", config.toString()));
        return this;
    }

    ProxyProcess awaitReady() {
        jvm().awaitReady();
        return this;
    }

    private ProxyJvm jvm() {
        return runs.get(runs.size() - 1);
    }

    String id() {
        return id;
    }

    int port() {
        return port;
    }

    long pid() {
        return jvm().pid();
    }

    /** Its way to ZooKeeper. */
    ToxicRelay zooKeeper() {
        return zooKeeper;
    }

    boolean isAlive() {
        return jvm().isAlive();
    }

    /** SIGKILL. */
    void kill() {
        jvm().kill();
    }

    /** SIGSTOP. */
    void stop() {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() {
        signal("CONT");
    }

    /** SIGTERM; it has ended when this returns. */
    void end() throws InterruptedException {
        signal("TERM");
        jvm().awaitExit();
    }

    void signal(String name) {
        try {
            jvm().signal(name);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    RespClient connect() throws IOException {
        return new RespClient(port);
    }

    /** A metric of the pool. */
    double metric(String name) throws Exception {
        Matcher line = Pattern.compile("(?m)^" + name + "\\{pool=\"[^\"]*\"} ([-0-9.E]+)$")
                .matcher(page("/metrics"));
        return line.find() ? Double.parseDouble(line.group(1)) : Double.NaN;
    }

    /** A page of its admin address. */
    String page(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                .timeout(LIMIT)
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    /** What the process of now has logged. */
    String log() {
        return jvm().output();
    }

    /** The epochs that it has served by, for each of its processes. */
    List<List<Long>> epochs() {
        return runs.stream()
                .map(run -> EPOCH.matcher(run.output())
                        .results()
                        .map(found -> Long.valueOf(found.group(1)))
                        .toList())
                .toList();
    }

    @Override
    public void close() {
        runs.forEach(ProxyJvm::close);
        zooKeeper.close();
    }
}
