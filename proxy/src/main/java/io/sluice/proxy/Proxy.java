package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Stand-in until the request path is merged: binds the first address, serves nothing. */
public final class Proxy implements AutoCloseable {

    private final ServerSocket socket;

    private Proxy(ServerSocket socket) {
        this.socket = socket;
    }

    public static Proxy start(ProxyConfig config) throws ProxyStartException {
        var address = config.pools().get(0).listen().address();
        try {
            return new Proxy(new ServerSocket(address.port(), 5, InetAddress.getByName(address.hostOrPath())));
        } catch (IOException e) {
            throw new ProxyStartException("cannot listen on " + address + ": " + e.getMessage());
        }
    }

    public String transportLine() {
        return "stand-in";
    }

    public void drainAndStop() {
        close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
