package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.ApiServer;
import io.sluice.manager.api.ApiTokens;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.testing.MemoryApi;
import io.sluice.manager.testing.MemoryCluster;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A manager whose cluster is in memory, and {@code ctl} in front of it; for each test a new one. */
final class MemoryManager implements AfterEachCallback {

    private final MemoryCluster cluster = new MemoryCluster();
    private final List<ApiServer> servers = new ArrayList<>();
    private volatile List<ShardStatus> statuses = List.of();
    private final String url = open(cluster, ApiTokens.NONE);

    /** One more API, which this or another cluster is behind; returns its URL. */
    String open(MemoryCluster behind, ApiTokens tokens) {
        ApiServer server = MemoryApi.open(behind, tokens, () -> statuses);
        servers.add(server);
        return MemoryApi.url(server);
    }

    /** How primaries are followed from now on. */
    void follow(ShardStatus... now) {
        statuses = List.of(now);
    }

    MemoryCluster cluster() {
        return cluster;
    }

    String url() {
        return url;
    }

    /** With nobody to ask. */
    CtlRun ctl(String line) {
        return ctl(CtlRun.NOBODY, line);
    }

    CtlRun ctl(Terminal terminal, String line) {
        return CtlRun.of(terminal, ("--manager " + url + " " + line).split(" "));
    }

    /** A change that is consented to, and made. */
    CtlRun done(String line) {
        CtlRun run = ctl(line + " --yes");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).as(run.out()).isZero();
        return run;
    }

    /** Pool sessions: s1, with a replica, and s2, which own all slots. At epoch 4. */
    void twoShards() {
        done("pool create sessions");
        done("shard add s1 10.0.0.1:6379 --replica 10.0.0.2:6379");
        done("shard add s2 10.0.0.3:6379");
        done("slots assign --free");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        servers.forEach(ApiServer::close);
    }
}
