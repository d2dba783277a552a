package io.sluice.proxy.transport;

import io.netty.channel.uring.IoUringIoOps;

/**
 * The io_uring operations that bare sockets need. Netty has factories for them, but keeps them to itself; the numbers
 * are those of linux/io_uring.h, which never change.
 */
final class UringOps {

    static final byte POLL_ADD = 6;
    static final byte ASYNC_CANCEL = 14;
    static final byte SEND = 26;
    static final byte RECV = 27;

    /** Bits of poll(2). */
    static final int POLLIN = 1;

    static final int POLLOUT = 4;
    static final int POLLERR = 8;

    /** Waits for bytes before it tries to read any: at once there are none. */
    private static final short RECVSEND_POLL_FIRST = 1;

    /** Of send(2): the kernel goes on until all is taken, and no signal is raised when the peer is gone. */
    private static final int MSG_WAITALL = 0x100;

    private static final int MSG_NOSIGNAL = 0x4000;

    private UringOps() {}

    /** Waits once for one of the events of {@code mask}. */
    static IoUringIoOps poll(int fd, int mask) {
        return op(POLL_ADD, (short) 0, fd, 0, 0, mask);
    }

    /** Reads once, when there is something; the memory must stay as it is until it has. */
    static IoUringIoOps receive(int fd, long address, int length) {
        return op(RECV, RECVSEND_POLL_FIRST, fd, address, length, 0);
    }

    /** Sends all of it; the memory must stay as it is until then. */
    static IoUringIoOps send(int fd, long address, int length) {
        return op(SEND, (short) 0, fd, address, length, MSG_WAITALL | MSG_NOSIGNAL);
    }

    /** Ends the operation whose submission returned {@code id}; it reports its end itself. */
    static IoUringIoOps cancel(long id) {
        return op(ASYNC_CANCEL, (short) 0, -1, id, 0, 0);
    }

    private static IoUringIoOps op(byte code, short priority, int fd, long address, int length, int flags) {
        return new IoUringIoOps(
                code, (byte) 0, priority, fd, 0L, address, length, flags, 0L, (short) 0, (short) 0, 0, 0L);
    }
}
