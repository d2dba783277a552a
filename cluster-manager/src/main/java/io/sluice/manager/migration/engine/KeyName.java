package io.sluice.manager.migration.engine;

import java.util.Arrays;

/** A key as it can be found in a map. Whoever makes one leaves the array alone afterwards. */
final class KeyName {

    private final byte[] bytes;
    private final int hash;

    KeyName(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /** The array itself. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyName name && hash == name.hash && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
