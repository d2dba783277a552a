package io.sluice.manager.migration.engine;

import java.nio.charset.StandardCharsets;
import redis.clients.jedis.commands.ProtocolCommand;

/** A command by its name as bytes, for those that a stream brings along. */
final class RawCommand implements ProtocolCommand {

    private final byte[] name;

    private RawCommand(byte[] name) {
        this.name = name;
    }

    /** Keeps the array. */
    static RawCommand of(byte[] name) {
        return new RawCommand(name);
    }

    static RawCommand of(String name) {
        return new RawCommand(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public byte[] getRaw() {
        return name;
    }

    @Override
    public String toString() {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
