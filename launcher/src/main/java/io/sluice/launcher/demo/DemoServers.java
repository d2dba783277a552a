package io.sluice.launcher.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The demo's Redis servers and the folder they share: all running, or none. */
final class DemoServers implements AutoCloseable {

    private final DemoFolder folder;
    private final List<RedisProcess> servers = new ArrayList<>();
    private String origin = "";

    private DemoServers(DemoFolder folder) {
        this.folder = folder;
    }

    /** Starts one server on each port and waits until all answer. */
    static DemoServers start(List<Integer> ports) throws DemoException {
        DemoServers all = new DemoServers(createFolder());
        try {
            all.startOn(ports);
            return all;
        } catch (DemoException e) {
            all.close();
            throw e;
        }
    }

    private static DemoFolder createFolder() throws DemoException {
        try {
            return DemoFolder.create();
        } catch (IOException e) {
            throw new DemoException("cannot make a temporary folder: " + e.getMessage(), e);
        }
    }

    private void startOn(List<Integer> ports) throws DemoException {
        RedisBinary redis = RedisBinary.find(folder.path());
        origin = redis.origin();
        for (int port : ports) {
            servers.add(RedisProcess.start(redis, "shard-" + (servers.size() + 1), port, folder.path()));
        }
        for (RedisProcess server : servers) {
            server.awaitReady();
        }
    }

    List<RedisProcess> servers() {
        return List.copyOf(servers);
    }

    /** Where the server program came from, for people. */
    String origin() {
        return origin;
    }

    /** Private to the demo, and gone after it. */
    Path folder() {
        return folder.path();
    }

    /** Writes a file into the servers' folder. */
    Path write(String name, String text) throws DemoException {
        try {
            return folder.write(name, text);
        } catch (IOException e) {
            throw new DemoException("cannot write " + name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        servers.forEach(RedisProcess::close);
        folder.close();
    }
}
