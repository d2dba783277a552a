package io.sluice.routing.hash;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers read from bytes, lowest byte first. */
final class LittleEndian {

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    static int intAt(byte[] bytes, int index) {
        return (int) INTS.get(bytes, index);
    }

    /** Two bytes, 0 to 65535. */
    static int shortAt(byte[] bytes, int index) {
        return (bytes[index] & 0xff) | ((bytes[index + 1] & 0xff) << 8);
    }

    /** The last 0 to 4 bytes, as if zeros followed. */
    static int tailAt(byte[] bytes, int index, int length) {
        int value = 0;
        for (int i = 0; i < length; i++) {
            value |= (bytes[index + i] & 0xff) << (8 * i);
        }
        return value;
    }
}
