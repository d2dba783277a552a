package io.sluice.proxy.command;

/**
 * The arguments of one request where they lie, the command name being argument 0. On the request path this is a view
 * on the read buffer: asking it allocates nothing.
 */
public interface Arguments {
    int count();

    int length(int argument);

    byte byteAt(int argument, int position);

    /**
     * Up to eight bytes from {@code position} on, the first one lowest, zeros past the end of the argument. A view on
     * a buffer can do better than byte by byte.
     */
    default long wordAt(int argument, int position) {
        int bytes = Math.min(Long.BYTES, length(argument) - position);
        long word = 0;
        for (int i = 0; i < bytes; i++) {
            word |= (byteAt(argument, position + i) & 0xFFL) << (i * Byte.SIZE);
        }
        return word;
    }
}
