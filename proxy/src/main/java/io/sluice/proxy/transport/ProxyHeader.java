package io.sluice.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A header of the PROXY protocol, version 1 or 2, by which a load balancer says for whom a connection is. Netty's codec
 * reads it; here is only where it ends.
 *
 * <pre>
 *   v1   PROXY TCP4 192.0.2.1 192.0.2.9 50000 6379 \r\n                      at most 107 bytes
 *   v2   signature (12) · version, command · family · length (2) · length bytes
 * </pre>
 *
 * Source: proxy-protocol.txt of HAProxy.
 *
 * @param length bytes of the header
 * @param client for whom the connection is; null if it is for the peer itself (LOCAL), or for nobody knows whom (UNKNOWN)
 */
public record ProxyHeader(int length, @Nullable InetSocketAddress client) {

    private static final Logger log = LoggerFactory.getLogger(ProxyHeader.class);

    /** Bytes of a header of version 2 behind addresses: what load balancers add of their own. */
    static final int MAX_TLV_BYTES = 2 << 10;

    /** Of the three addresses of a header, two paths of unix sockets are the longest. */
    private static final int MAX_ADDRESS_BYTES = 216;

    private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    private static final int FIXED_BYTES = SIGNATURE.length + 4;
    private static final int MAX_TEXT_BYTES = 107;

    /** The longest header that is read. */
    public static final int MAX_BYTES = FIXED_BYTES + MAX_ADDRESS_BYTES + MAX_TLV_BYTES;

    /** The bytes are no such header. */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message);
        }
    }

    /** The header at the reader index, which stays; null if more bytes are needed. Borrows {@code in}. */
    public static @Nullable ProxyHeader read(ByteBuf in) throws MalformedException {
        int length = beginsWith(in, SIGNATURE) ? binaryLength(in) : textLength(in);
        if (length < 0 || in.readableBytes() < length) {
            return null;
        }
        return decode(in.slice(in.readerIndex(), length), length);
    }

    /** Also if what has come so far is shorter. */
    private static boolean beginsWith(ByteBuf in, byte[] prefix) {
        for (int i = 0; i < Math.min(prefix.length, in.readableBytes()); i++) {
            if (in.getByte(in.readerIndex() + i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static int binaryLength(ByteBuf in) throws MalformedException {
        if (in.readableBytes() < FIXED_BYTES) {
            return -1;
        }
        int length = FIXED_BYTES + in.getUnsignedShort(in.readerIndex() + FIXED_BYTES - 2);
        if (length > MAX_BYTES) {
            throw new MalformedException("a header of " + length + " bytes; expected at most " + MAX_BYTES);
        }
        return length;
    }

    private static int textLength(ByteBuf in) throws MalformedException {
        if (!beginsWith(in, TEXT)) {
            throw new MalformedException("the first bytes are no PROXY header");
        }
        int end = in.indexOf(
                in.readerIndex(), in.readerIndex() + Math.min(in.readableBytes(), MAX_TEXT_BYTES), (byte) '\n');
        if (end < 0 && in.readableBytes() >= MAX_TEXT_BYTES) {
            throw new MalformedException("a line longer than " + MAX_TEXT_BYTES + " bytes");
        }
        return end < 0 ? -1 : end + 1 - in.readerIndex();
    }

    private static ProxyHeader decode(ByteBuf header, int length) throws MalformedException {
        EmbeddedChannel codec = new EmbeddedChannel(new HAProxyMessageDecoder(MAX_TLV_BYTES));
        try {
            codec.writeInbound(header.retain());
            Object message = codec.readInbound();
            if (!(message instanceof HAProxyMessage decoded)) {
                throw new MalformedException("an incomplete header");
            }
            try {
                return new ProxyHeader(length, client(decoded));
            } finally {
                decoded.release();
            }
        } catch (DecoderException e) {
            throw new MalformedException("a broken header");
        } finally {
            end(codec);
        }
    }

    private static void end(EmbeddedChannel codec) {
        try {
            codec.finishAndReleaseAll();
        } catch (DecoderException e) { // of bytes left over from a header that has been refused already
            log.trace("Bytes of a broken PROXY header left over", e);
        }
    }

    private static @Nullable InetSocketAddress client(HAProxyMessage header) throws MalformedException {
        AddressFamily family = header.proxiedProtocol().addressFamily();
        boolean isIp = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
        if (header.command() == HAProxyCommand.LOCAL || !isIp || header.sourceAddress() == null) {
            return null;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(header.sourceAddress());
        if (address == null) {
            throw new MalformedException("an address that is none");
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), header.sourcePort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address of " + address.length + " bytes", e);
        }
    }
}
