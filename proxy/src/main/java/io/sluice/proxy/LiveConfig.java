package io.sluice.proxy;

import io.sluice.proxy.admin.ConfigStatus;
import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import io.sluice.proxy.config.ConfigPlan;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.topology.EffectiveConfig;
import io.sluice.proxy.topology.TopologyRefusedException;
import io.sluice.proxy.topology.Uptake;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.config.ConfigException;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a proxy serves by: its file, together with the topology of its cluster; and how another takes the place of either.
 * One change at a time; may be looked at from any thread.
 */
final class LiveConfig {

    private static final Logger log = LoggerFactory.getLogger(LiveConfig.class);

    private final LivePools pools;
    private final ClusterSeat seat;
    private volatile ProxyConfig file;
    private volatile ConfigStatus status = ConfigStatus.first(Instant.now());

    LiveConfig(ProxyConfig file, LivePools pools, ClusterSeat seat) {
        this.file = file;
        this.pools = pools;
        this.seat = seat;
    }

    ProxyConfig file() {
        return file;
    }

    /** Which file that is, and what became of others. */
    ConfigStatus status() {
        return status;
    }

    /** Makes the pools what the file and the topology of the cluster say together. */
    Uptake serve() throws ProxyStartException {
        return serve(file, status.epoch());
    }

    private Uptake serve(ProxyConfig next, long epoch) throws ProxyStartException {
        try {
            return pools.become(seat.with(next), epoch);
        } catch (TopologyRefusedException e) {
            throw new ProxyStartException(e.getMessage(), e);
        }
    }

    // ---- another topology

    /** Throws if it could not be served with the file. */
    void check(Topology next) throws TopologyRefusedException {
        EffectiveConfig.of(file, next);
    }

    /** The file stays. */
    Uptake serveBy(Topology next) throws TopologyRefusedException {
        EffectiveConfig effective = EffectiveConfig.of(file, next);
        try {
            Uptake uptake = pools.become(effective, status.epoch());
            seat.took(next, effective);
            return uptake;
        } catch (ProxyStartException e) {
            throw new TopologyRefusedException(e.getMessage());
        }
    }

    // ---- another file

    /**
     * Does what another file says: all of it, or nothing where something is wrong with it. The topology stays.
     *
     * @param trigger who offers it, for people
     * @param source reads it; may throw a {@link ConfigException}
     * @param inForce what else follows the file; done before anybody is told that it is served
     */
    Reload reload(String trigger, Supplier<ProxyConfig> source, Consumer<ProxyConfig> inForce) {
        return told(carryOut(trigger, source, inForce));
    }

    /** Nobody reads it. */
    Reload refuse(String trigger, String reason) {
        return told(new Reload(Instant.now(), trigger, Result.REFUSED, reason));
    }

    private Reload carryOut(String trigger, Supplier<ProxyConfig> source, Consumer<ProxyConfig> inForce) {
        Instant now = Instant.now();
        try {
            ProxyConfig next = source.get();
            ConfigPlan plan = ConfigPlan.between(file, next);
            if (plan.isEmpty()) {
                return new Reload(now, trigger, Result.UNCHANGED, plan.text());
            }
            if (!plan.isLive()) {
                return new Reload(now, trigger, Result.REFUSED, plan.text());
            }
            next.warnings().forEach(warning -> log.warn("{}", warning));
            serve(next, status.epoch() + 1);
            file = next;
            inForce.accept(next);
            return new Reload(now, trigger, Result.APPLIED, plan.text());
        } catch (ConfigException | ProxyStartException e) {
            return new Reload(now, trigger, Result.REFUSED, String.valueOf(e.getMessage()));
        }
    }

    private Reload told(Reload reload) {
        status = status.with(reload);
        long epoch = status.epoch();
        String trigger = reload.trigger();
        switch (reload.result()) {
            case APPLIED ->
                log.info("Configuration applied: epoch={} trigger={}\n{}", epoch, trigger, reload.message());
            case UNCHANGED -> log.info("Configuration unchanged: epoch={} trigger={}", epoch, trigger);
            case REFUSED ->
                log.warn(
                        "Configuration refused, the former one stays: epoch={} trigger={}\n{}",
                        epoch,
                        trigger,
                        reload.message());
        }
        return reload;
    }
}
