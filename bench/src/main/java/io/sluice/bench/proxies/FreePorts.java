package io.sluice.bench.proxies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Loopback ports that nobody listens on, below those the kernel gives to clients: a load makes thousands of these. */
final class FreePorts {

    private static final int FIRST = 20_000;
    private static final int LAST = 29_999;
    private static int next = FIRST + (int) (ProcessHandle.current().pid() * 37 % (LAST - FIRST));

    private FreePorts() {}

    static synchronized int next() {
        for (int tried = 0; tried <= LAST - FIRST; tried++) {
            next = next >= LAST ? FIRST : next + 1;
            if (isFree(next)) {
                return next;
            }
        }
        throw new BenchException("no free port from " + FIRST + " to " + LAST);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (BindException taken) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
