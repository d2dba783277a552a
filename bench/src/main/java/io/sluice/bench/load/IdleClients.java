package io.sluice.bench.load;

import io.sluice.bench.proxies.BenchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Connections that have asked once, so that the proxy knows them, and then say nothing more. */
public final class IdleClients implements AutoCloseable {

    private final List<SocketChannel> channels = new ArrayList<>();

    private IdleClients() {}

    /** Throws with the reason if fewer can be opened, which is mostly the limit of open files. */
    public static IdleClients connect(int port, int count) {
        IdleClients clients = new IdleClients();
        try {
            for (int i = 0; i < count; i++) {
                clients.connectOne(port);
            }
            return clients;
        } catch (IOException e) {
            int opened = clients.count();
            clients.close();
            throw new BenchException(
                    "only " + opened + " of " + count + " idle clients: " + e.getMessage()
                            + "; raise the limit of open files (ulimit -n) above " + (count + 500) + " and try again",
                    e);
        }
    }

    private void connectOne(int port) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channels.add(channel);
        channel.write(ByteBuffer.wrap("PING\r\n".getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer reply = ByteBuffer.allocate(64);
        if (channel.read(reply) <= 0 || reply.get(0) != '+') {
            throw new IOException("no PONG for client " + channels.size());
        }
    }

    public int count() {
        return channels.size();
    }

    @Override
    public void close() {
        for (SocketChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new BenchException("cannot close a client", e);
            }
        }
        channels.clear();
    }
}
