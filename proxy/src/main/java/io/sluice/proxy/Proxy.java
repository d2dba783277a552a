package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig;

/** Stand-in until the request path is merged: starts nothing and says so. */
public final class Proxy implements AutoCloseable {

    private Proxy() {}

    /** Fails: this branch has no request path. */
    public static Proxy start(ProxyConfig config) throws ProxyStartException {
        throw new ProxyStartException("stand-in: the request path is not merged, pools=" + config.pools());
    }

    public String transportLine() {
        return "stand-in";
    }

    public void drainAndStop() {}

    @Override
    public void close() {}
}
