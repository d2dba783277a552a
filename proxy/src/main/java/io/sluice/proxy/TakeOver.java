package io.sluice.proxy;

import io.sluice.proxy.transport.ControlSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a running proxy hands over to this process; {@link Handover} has the other side. Used by one thread at a time. */
public final class TakeOver implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TakeOver.class);

    /** Between the numbers of the other process' clients and of ours: it goes on accepting while we start. */
    private static final long ID_GAP = 1 << 20;

    private static final int MAX_SOCKETS = 1 << 16;

    /** With one client; the other side sends no more. */
    private static final int MAX_UNREAD_BYTES = 16 << 20;

    private final ControlConversation conversation;
    private final Map<String, List<Integer>> descriptors;
    private final long lastClient;

    private TakeOver(ControlConversation conversation, Map<String, List<Integer>> descriptors, long lastClient) {
        this.conversation = conversation;
        this.descriptors = descriptors;
        this.lastClient = lastClient;
    }

    /** Asks the proxy whose control socket this is for its listening sockets; it goes on as before until we are ready. */
    public static TakeOver ask(Path control) throws ProxyStartException {
        try {
            ControlConversation conversation =
                    new ControlConversation(ControlSocket.connect(control.toString()), Handover.LIMIT);
            try {
                return ask(conversation);
            } catch (IOException | RuntimeException e) {
                conversation.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            String reason = e.getMessage() == null ? "nobody listens there" : e.getMessage(); // a missing file has none
            throw new ProxyStartException("cannot take over at " + control + ": " + reason, e);
        }
    }

    private static TakeOver ask(ControlConversation conversation) throws IOException {
        conversation.sendLine(Handover.HELLO);
        String answer = conversation.readLine();
        String[] words = answer.split(" ", -1);
        if (words.length != 3 || !words[0].equals("LISTENERS") || number(words[1]) > MAX_SOCKETS) {
            throw new IOException("the running proxy answers: " + answer);
        }
        Map<String, List<Integer>> descriptors = new LinkedHashMap<>();
        for (long i = 0; i < number(words[1]); i++) {
            String address = conversation.readLine();
            descriptors.computeIfAbsent(address, at -> new ArrayList<>()).add(conversation.readDescriptor());
        }
        return new TakeOver(conversation, descriptors, number(words[2]));
    }

    private static long number(String text) throws IOException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("expected a number on the control socket, got " + text, e);
        }
    }

    /** Listening sockets by address. */
    Map<String, List<Integer>> descriptors() {
        return descriptors;
    }

    /** Our clients get larger numbers than this. */
    long clientsBeginAfter() {
        return lastClient + ID_GAP;
    }

    /** Tells the other process that we accept clients; returns once it does not any more, or throws if it is gone. */
    void ready() throws IOException {
        conversation.sendLine(Handover.READY);
        String answer = conversation.readLine();
        if (!answer.equals("CLIENTS")) {
            throw new IOException("the running proxy answers: " + answer);
        }
    }

    /** Takes clients in until there are no more, then waits for the other process to end. */
    void takeClients(LivePools pools) {
        int clients = 0;
        try {
            for (String line = conversation.readLine(); !line.equals("END"); line = conversation.readLine()) {
                String[] words = line.split(" ", -1);
                if (words.length != 5 || !words[0].equals("CLIENT")) {
                    throw new IOException("expected a client, got " + line.length() + " characters");
                }
                long unreadBytes = number(words[4]);
                if (unreadBytes < 0 || unreadBytes > MAX_UNREAD_BYTES) {
                    throw new IOException("expected at most " + MAX_UNREAD_BYTES + " bytes with a client");
                }
                byte[] unread = conversation.read((int) unreadBytes);
                int descriptor = conversation.readDescriptor();
                String pool = new String(Base64.getDecoder().decode(words[1]), StandardCharsets.UTF_8);
                pools.takeIn(pool, number(words[2]), words[3], descriptor, unread);
                clients++;
            }
            log.info("Taken over: clients={}", clients);
            awaitEnd();
        } catch (IOException | RuntimeException e) {
            log.error("Not all clients came over: clients={} error={}", clients, e.getMessage());
        } finally {
            close();
        }
    }

    /** It answers the clients that it could not hand over, for as long as its file allows; its end closes the socket. */
    private void awaitEnd() {
        while (true) {
            try {
                conversation.readLine();
            } catch (SocketTimeoutException e) {
                log.info("The former process still has clients");
            } catch (IOException e) {
                log.debug("The former process has ended", e);
                return;
            }
        }
    }

    @Override
    public void close() {
        conversation.close();
    }
}
