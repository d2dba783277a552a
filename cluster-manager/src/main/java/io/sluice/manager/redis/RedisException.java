package io.sluice.manager.redis;

import java.io.Serial;
import java.net.SocketTimeoutException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** A server that was asked did not answer, or answered with an error; the message says which, without its address. */
public final class RedisException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final boolean answered;

    RedisException(String message) {
        super(message);
        this.answered = false;
    }

    private RedisException(String message, boolean answered, Throwable cause) {
        super(message, cause);
        this.answered = answered;
    }

    static RedisException of(JedisException e) {
        boolean answered = e instanceof JedisDataException;
        return new RedisException((answered ? "answers: " : "does not answer: ") + said(e), answered, e);
    }

    /** A reply of a type that the question does not have, from who is no Redis server. */
    static RedisException unreadable() {
        return new RedisException("gives an answer that cannot be read");
    }

    static boolean isTimeout(JedisException e) {
        return rootOf(e) instanceof SocketTimeoutException;
    }

    /** What the socket said, rather than what each layer said of it. */
    private static String said(Throwable e) {
        Throwable root = rootOf(e);
        String message = root.getMessage();
        return message == null ? root.getClass().getSimpleName() : message;
    }

    private static Throwable rootOf(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    /** Whether the server is there, and its answer was an error. */
    public boolean answered() {
        return answered;
    }
}
