package io.sluice.launcher.training;

import io.sluice.proxy.Proxy;
import io.sluice.proxy.ProxyStartException;
import io.sluice.proxy.config.ProxyConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/**
 * Starts a proxy on free loopback ports, sends a little of each kind of traffic through it and stops it. What it loads
 * is what the class archive will hold; it needs no Redis server and leaves nothing behind.
 */
public final class TrainingRun {

    private static final int REPLY_MILLIS = 10_000;

    /** Each with the end of its reply; the long MGET has keys of both servers. */
    private static final String[][] TRAFFIC = {
        {"PING\r\n", "+PONG\r\n"},
        {"SET key value\r\n", "+OK\r\n"},
        {"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n", "+OK\r\n"},
        {"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", "$-1\r\n"},
        {"MGET a b c d e f g h\r\n", "$-1\r\n".repeat(8)},
        {"DEL a b c d e f g h\r\n", ":8\r\n"},
        {"NOSUCHCOMMAND\r\n", "\r\n"}
    };

    private TrainingRun() {}

    /** Throws if a reply is not the expected one. Blocks until all is over. */
    public static void run() throws IOException, ProxyStartException {
        Path file = Files.createTempFile("sluice-training", ".yaml");
        try (TrainingServer left = TrainingServer.start();
                TrainingServer right = TrainingServer.start()) {
            int port = freePort();
            Files.writeString(file, yaml(port, left, right));
            ProxyConfig config = ProxyConfig.read(file);
            LoggerFactory.getLogger(TrainingRun.class).info("Training");
            Proxy proxy = Proxy.start(config);
            try {
                talk(port);
            } finally {
                proxy.drainAndStop();
            }
        } finally {
            Files.delete(file);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String yaml(int port, TrainingServer left, TrainingServer right) {
        return """
                workers: 1
                pools:
                  training:
                    listen: 127.0.0.1:%d
                    servers:
                      - 127.0.0.1:%d:1 left
                      - 127.0.0.1:%d:1 right
                """.formatted(port, left.port(), right.port());
    }

    private static void talk(int port) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(REPLY_MILLIS);
            for (String[] exchange : TRAFFIC) {
                client.getOutputStream().write(exchange[0].getBytes(StandardCharsets.US_ASCII));
                awaitReply(client, exchange[1]);
            }
        }
    }

    private static void awaitReply(Socket client, String end) throws IOException {
        StringBuilder reply = new StringBuilder();
        while (!reply.toString().endsWith(end)) {
            int next = client.getInputStream().read();
            if (next < 0) {
                throw new IOException("expected a reply that ends with " + end.strip() + ", got " + reply);
            }
            reply.append((char) next);
        }
    }
}
