package io.sluice.launcher.training;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Answers like an empty Redis server, as far as a training run asks; it stands in where none is installed. */
final class TrainingServer implements AutoCloseable {

    private static final int END = -1;

    private final ServerSocket listener;

    private TrainingServer(ServerSocket listener) {
        this.listener = listener;
    }

    /** Listens on a free loopback port. */
    static TrainingServer start() throws IOException {
        TrainingServer server = new TrainingServer(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()));
        startThread(server::accept);
        return server;
    }

    private static void startThread(Runnable task) {
        Thread thread = new Thread(task, "training-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                startThread(() -> serve(client));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private static void serve(Socket client) {
        try (client;
                InputStream in = new BufferedInputStream(client.getInputStream())) {
            for (int first = in.read(); first != END; first = in.read()) {
                answer(in, client.getOutputStream());
            }
        } catch (IOException e) {
            return; // the proxy has gone
        }
    }

    /** Reads {@code *2\r\n$3\r\nGET\r\n$1\r\nk\r\n} behind its asterisk. */
    private static void answer(InputStream in, OutputStream out) throws IOException {
        int arguments = number(in);
        String name = "";
        for (int i = 0; i < arguments; i++) {
            in.skipNBytes(1);
            String argument = new String(in.readNBytes(number(in)), StandardCharsets.ISO_8859_1);
            in.skipNBytes(2);
            name = i == 0 ? argument : name;
        }
        out.write(reply(name, arguments - 1).getBytes(StandardCharsets.US_ASCII));
    }

    private static String reply(String name, int arguments) {
        return switch (name) {
            case "GET" -> "$-1\r\n";
            case "MGET" -> "*" + arguments + "\r\n" + "$-1\r\n".repeat(arguments);
            case "DEL" -> ":" + arguments + "\r\n";
            default -> "+OK\r\n";
        };
    }

    private static int number(InputStream in) throws IOException {
        int value = 0;
        for (int digit = in.read(); digit != '\r'; digit = in.read()) {
            value = value * 10 + Character.digit(digit, 10);
        }
        in.skipNBytes(1);
        return value;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
