package io.sluice.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Random;

/** One connection of a memcached load: sends a batch of gets, reads all their replies, sends the next. One thread. */
final class MemcachedConnection {

    private final SocketChannel channel;
    private final MemcachedKeys keys;
    private final Random random;
    private final LatencyHistogram latencies;
    private final long wanted;
    private final int[][] asked; // the keys of each request of the batch
    private final ByteBuffer out;
    private final ByteBuffer in;

    private int batch; // requests of the batch
    private int answeredOfBatch;
    private long sentAt;
    private long answered;

    MemcachedConnection(
            SocketChannel channel,
            MemcachedKeys keys,
            Workload workload,
            long wanted,
            Random random,
            LatencyHistogram latencies)
            throws IOException {
        this.channel = channel;
        this.keys = keys;
        this.random = random;
        this.latencies = latencies;
        this.wanted = wanted;
        this.asked = new int[workload.pipeline()][workload.keysPerRequest()];
        this.out = ByteBuffer.allocateDirect(workload.pipeline() * keys.getBytes(workload.keysPerRequest()));
        this.in = ByteBuffer.allocate(workload.pipeline() * keys.replyBytes(workload.keysPerRequest()) + 256);
        channel.configureBlocking(false);
        channel.socket().setTcpNoDelay(true);
    }

    void sendBatch() throws IOException {
        batch = (int) Math.min(asked.length, wanted - answered);
        answeredOfBatch = 0;
        out.clear();
        for (int i = 0; i < batch; i++) {
            for (int k = 0; k < asked[i].length; k++) {
                asked[i][k] = random.nextInt(keys.count());
            }
            keys.writeGet(out, asked[i]);
        }
        out.flip();
        sentAt = System.nanoTime();
        while (out.hasRemaining()) { // a few kilobytes, which the socket takes at once: all before was answered
            channel.write(out);
        }
    }

    /** Reads what is there, and sends the next batch when this one is answered. */
    void read() throws IOException {
        if (channel.read(in) < 0) {
            throw new IOException("connection closed after " + answered + " replies");
        }
        int offset = 0;
        while (answeredOfBatch < batch && keys.isReply(in.array(), offset, in.position(), asked[answeredOfBatch])) {
            offset += keys.replyBytes(asked[answeredOfBatch].length);
            answeredOfBatch++;
            answered++;
            latencies.record(System.nanoTime() - sentAt);
        }
        in.flip().position(offset);
        in.compact();
        if (answeredOfBatch == batch && !isDone()) {
            sendBatch();
        }
    }

    boolean isDone() {
        return answered == wanted;
    }

    long answered() {
        return answered;
    }

    void close() throws IOException {
        channel.close();
    }
}
