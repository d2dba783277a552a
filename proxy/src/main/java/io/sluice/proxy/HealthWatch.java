package io.sluice.proxy;

import io.sluice.proxy.backend.BackendProber;
import io.sluice.proxy.backend.BackendSettings;
import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.Ejection.Policy;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.health.HealthRule;
import io.sluice.proxy.health.Shares;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.Loop;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Makes the boards on which servers are judged; their timers and probes run on one event loop.
 *
 * @param loop the one
 * @param pacer of all connects of the process, probes included
 */
record HealthWatch(Loop loop, ConnectPacer pacer) {

    /** The board of a pool that was not there before. */
    HealthBoard board(Pool pool, Protocol protocol, BackendSettings settings, Consumer<Shares> onChange) {
        return new HealthBoard(
                pool.name(),
                pool.definition().servers(),
                rule(pool.ejection()),
                new HealthBoard.Surroundings(
                        (delay, task) -> loop.schedule(task, delay),
                        InstantSource.system(),
                        System::nanoTime,
                        new SplittableRandom()),
                prober(pool, protocol, settings),
                onChange);
    }

    /** The board that follows another one, which judges nobody any more. */
    HealthBoard next(
            HealthBoard former, Pool pool, Protocol protocol, BackendSettings settings, Consumer<Shares> onChange) {
        return former.next(
                pool.definition().servers(), rule(pool.ejection()), prober(pool, protocol, settings), onChange);
    }

    private BackendProber prober(Pool pool, Protocol protocol, BackendSettings settings) {
        return new BackendProber(loop, protocol, settings, pacer, troubleCounts(pool.ejection()));
    }

    /** With fail_fast a server that says itself that it is in trouble answers as fast as the proxy would in its place. */
    private static boolean troubleCounts(Ejection ejection) {
        return ejection.policy() != Policy.FAIL_FAST;
    }

    private static HealthRule rule(Ejection ejection) {
        return new HealthRule(
                ejection.enabled(),
                troubleCounts(ejection),
                ejection.failureLimit(),
                ejection.failurePercent(),
                ejection.failureWindow(),
                ejection.retryTimeout(),
                ejection.maxTime(),
                ejection.probeInterval(),
                ejection.probesToReturn(),
                ejection.maxEjectedPercent(),
                ejection.slowStart());
    }
}
