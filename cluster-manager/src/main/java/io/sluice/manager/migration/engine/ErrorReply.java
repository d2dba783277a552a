package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * An error reply, and what it means for a copy.
 *
 * @param text as the server has sent it
 */
record ErrorReply(String text) {

    static ErrorReply of(JedisDataException error) {
        return new ErrorReply(String.valueOf(error.getMessage()));
    }

    /** Whether it says something of the server or of the user, whatever the key is, so that no command like it is executed. */
    boolean isOfServer() {
        return kind() != Kind.REFUSED || is("NOPERM");
    }

    CopyFailure failure(RedisEndpoint server, ProtocolCommand command) {
        return new CopyFailure(kind(), told(server, command));
    }

    /** What goes by itself, mostly with a failover, is as good as a server that is away for a while. */
    private Kind kind() {
        if (is("OOM")) {
            return Kind.TARGET_FULL;
        }
        return is("READONLY") || is("LOADING") || is("MASTERDOWN") || is("NOREPLICAS") || is("MISCONF")
                ? Kind.CONNECTION
                : Kind.REFUSED;
    }

    private String told(RedisEndpoint server, ProtocolCommand command) {
        if (is("OOM")) {
            return server + " is out of memory: " + text;
        }
        if (is("READONLY")) {
            return server
                    + " has become a replica, it may have failed over: the copy begins again, at the primary that the"
                    + " topology names then";
        }
        if (is("LOADING")) {
            return server + " was started again, and loads its data set";
        }
        if (is("MASTERDOWN")) {
            return server
                    + " is a replica that does not reach its primary, it may have failed over: the copy begins again,"
                    + " at the primary that the topology names then";
        }
        if (is("NOREPLICAS")) {
            return server
                    + " has fewer replicas than it needs for a write (min-replicas-to-write), as after a failover:"
                    + " the copy begins again";
        }
        if (is("MISCONF")) {
            return server + " cannot save its data set, and takes no writes until it can; the copy begins again: "
                    + text;
        }
        return server + " refused " + command + ": " + text;
    }

    private boolean is(String code) {
        return text.startsWith(code);
    }
}
