package io.sluice.manager;

import io.sluice.manager.config.ManagerConfig;
import io.sluice.routing.topology.ServerAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What a manager is called.
 *
 * @param id among the managers of its cluster
 * @param url where its API is, for those on other machines too, unless it listens on this one alone
 */
record ManagerName(String id, String url) {

    static ManagerName of(ManagerConfig config) {
        ServerAddress listen = config.listen();
        String id = config.id().isEmpty() ? machine() + "-" + listen.port() : config.id();
        String url = config.url().isEmpty() ? "http://" + host(listen) + ":" + listen.port() : config.url();
        return new ManagerName(id, url);
    }

    private static String host(ServerAddress listen) {
        String host = listen.hostOrPath();
        if (host.equals("0.0.0.0") || host.equals("::")) {
            return machine();
        }
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
