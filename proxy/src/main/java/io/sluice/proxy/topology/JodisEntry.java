package io.sluice.proxy.topology;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.sluice.proxy.config.Jodis;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy's node for Jodis clients: there while it accepts clients, made again after each end of a session. Paths and
 * JSON are codis's (pkg/proxy/jodis.go, pkg/models/store.go). Thread-safe.
 */
public final class JodisEntry implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(JodisEntry.class);

    private final PersistentNode node;
    private final String path;

    private JodisEntry(PersistentNode node, String path) {
        this.node = node;
        this.path = path;
    }

    /** Clients may come: waits for nothing. */
    public static JodisEntry open(ZooKeeperSession session, Jodis jodis, String token, String admin, Instant start) {
        String path = jodis.path(token);
        PersistentNode node = new PersistentNode(
                session.curator(), CreateMode.EPHEMERAL, false, path, bytes(jodis, token, admin, start));
        node.start();
        log.info("Jodis clients find the proxy: path={} addr={}", path, jodis.address());
        return new JodisEntry(node, path);
    }

    private static byte[] bytes(Jodis jodis, String token, String admin, Instant start) {
        JsonObject json = new JsonObject();
        json.addProperty("addr", jodis.address().toString());
        json.addProperty("admin", admin.replaceFirst("^https?://", ""));
        json.addProperty("start", start.toString());
        json.addProperty("token", token);
        json.addProperty("state", "online");
        return new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .create()
                .toJson(json)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** No more clients shall come. */
    @Override
    public void close() {
        try {
            node.close();
        } catch (IOException e) {
            log.warn("The node for Jodis clients goes with the session only: path={} error={}", path, e.toString());
        }
    }
}
