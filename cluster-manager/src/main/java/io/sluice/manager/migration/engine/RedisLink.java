package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushMessage;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One registered connection to a server. Replies are {@code byte[]}, {@code Long}, {@code List}, null, or a
 * {@code JedisDataException} that stands for an error reply. Used by one thread at a time; {@link #close} by any.
 */
final class RedisLink implements AutoCloseable {

    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    /** The largest values take seconds to be written and read by the server. */
    static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

    private static final byte[] ID = ascii("ID");

    private final RedisEndpoint endpoint;
    private final WireConnection wire;
    private final MaintenanceConnection identity;

    private RedisLink(RedisEndpoint endpoint, WireConnection wire, MaintenanceConnection identity) {
        this.endpoint = endpoint;
        this.wire = wire;
        this.identity = identity;
    }

    /** Connects, learns the connection's id, and has it registered. */
    static RedisLink open(RedisEndpoint endpoint, Purpose purpose, ConnectionRegister register) throws CopyException {
        WireConnection wire = connect(endpoint);
        boolean keep = false;
        try {
            MaintenanceConnection identity = identify(endpoint, wire, purpose);
            if (!register.announce(identity)) {
                throw new CopyException(
                        Kind.NOT_LEADING, "This manager could not register its connection to " + endpoint);
            }
            keep = true;
            return new RedisLink(endpoint, wire, identity);
        } finally {
            if (!keep) {
                forget(wire);
            }
        }
    }

    private static WireConnection connect(RedisEndpoint endpoint) throws CopyException {
        var config = DefaultJedisClientConfig.builder()
                .resp3()
                .connectionTimeoutMillis(Math.toIntExact(CONNECT_TIMEOUT.toMillis()))
                .socketTimeoutMillis(Math.toIntExact(READ_TIMEOUT.toMillis()))
                .user(endpoint.user().isEmpty() ? null : endpoint.user())
                .password(endpoint.password().isEmpty() ? null : endpoint.password())
                .clientName("sluice-manager")
                .build();
        var address = new HostAndPort(
                endpoint.address().hostOrPath(), endpoint.address().port());
        try {
            return new WireConnection(address, config);
        } catch (JedisException e) {
            throw new CopyException(Kind.CONNECTION, "Cannot connect to " + endpoint + ": " + reason(e));
        }
    }

    private static MaintenanceConnection identify(RedisEndpoint endpoint, WireConnection wire, Purpose purpose)
            throws CopyException {
        try {
            wire.sendCommand(Command.CLIENT, ID);
            long id = (Long) wire.getOne();
            wire.sendCommand(Command.INFO, ascii("server"));
            InfoText info = InfoText.of((byte[]) wire.getOne());
            return new MaintenanceConnection(endpoint.address(), info.text("run_id"), id, purpose);
        } catch (JedisException e) {
            throw new CopyException(Kind.CONNECTION, "Cannot speak with " + endpoint + ": " + reason(e));
        }
    }

    RedisEndpoint endpoint() {
        return endpoint;
    }

    MaintenanceConnection identity() {
        return identity;
    }

    /** One request, one reply; an error reply is thrown as refused. */
    @Nullable Object call(ProtocolCommand command, byte[]... arguments) throws CopyException {
        send(command, arguments);
        return receiveAnswer(command);
    }

    /** The reply to a request that was sent; an error reply is thrown as refused. */
    @Nullable Object receiveAnswer(ProtocolCommand command) throws CopyException {
        Object reply = receive();
        if (reply instanceof JedisDataException error) {
            throw refused(command, error);
        }
        return reply;
    }

    /** One request, one reply, errors included. */
    @Nullable Object ask(ProtocolCommand command, byte[]... arguments) throws CopyException {
        send(command, arguments);
        return receive();
    }

    /** Queues a request; it leaves when the buffer is full or with {@link #receive}. */
    void send(ProtocolCommand command, byte[]... arguments) throws CopyException {
        try {
            wire.sendCommand(command, arguments);
        } catch (JedisException e) {
            throw broken(e);
        }
    }

    /** Sends bytes as they are, after what was queued: part of a request that is too long to be held in memory. */
    void write(byte[] bytes) throws CopyException {
        try {
            wire.write(bytes);
        } catch (JedisException e) {
            throw broken(e);
        }
    }

    /** What was queued leaves now. */
    void flush() throws CopyException {
        try {
            wire.flush();
        } catch (JedisException e) {
            throw broken(e);
        }
    }

    @Nullable Object receive() throws CopyException {
        try {
            return wire.getOne();
        } catch (JedisDataException error) {
            return error;
        } catch (JedisException e) {
            throw broken(e);
        }
    }

    /** The reply, which has to be a text. */
    String text(ProtocolCommand command, byte[]... arguments) throws CopyException {
        if (call(command, arguments) instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        throw new CopyException(Kind.REFUSED, endpoint + " answered " + command + " with something that is no text");
    }

    InfoText info(String... sections) throws CopyException {
        byte[][] arguments = new byte[sections.length][];
        for (int i = 0; i < sections.length; i++) {
            arguments[i] = ascii(sections[i]);
        }
        return InfoText.of(text(Command.INFO, arguments));
    }

    /** Takes what was pushed; a reply read before the call comes after everything returned. */
    List<PushMessage> takePushes() {
        return wire.takePushes();
    }

    CopyException refused(ProtocolCommand command, JedisDataException error) {
        return new CopyException(ErrorReply.of(error).failure(endpoint, command));
    }

    private CopyException broken(JedisException e) {
        return new CopyException(Kind.CONNECTION, "The connection to " + endpoint + " broke: " + reason(e));
    }

    private static String reason(JedisException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String text = cause.getMessage();
        return text == null ? cause.getClass().getSimpleName() : text;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] ascii(long number) {
        return ascii(Long.toString(number));
    }

    /** Ends it at once; a thread that waits for a reply gets a failure. */
    @Override
    public void close() {
        forget(wire);
    }

    private static void forget(WireConnection wire) {
        try {
            wire.forceDisconnect();
        } catch (IOException alreadyGone) {
            // closed is what was wanted
        }
    }
}
