package io.sluice.proxy.session;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * All that another process needs to know to go on with a client, as one word: the state of its session and, where a PROXY
 * header announced one, the address that it has come from.
 *
 * <pre>
 *   state                       without a header
 *   state@c0000207/50000        192.0.2.7:50000, the address in hexadecimal digits
 * </pre>
 *
 * @param state has no {@code @}
 */
record CarriedClient(String state, @Nullable InetSocketAddress announced) {

    String text() {
        return announced == null
                ? state
                : state + "@" + HexFormat.of().formatHex(announced.getAddress().getAddress()) + "/"
                        + announced.getPort();
    }

    /** Throws if that is not what {@link #text} has written. */
    static CarriedClient parse(String text) {
        int at = text.indexOf('@');
        return at < 0
                ? new CarriedClient(text, null)
                : new CarriedClient(text.substring(0, at), address(text.substring(at + 1)));
    }

    private static InetSocketAddress address(String text) {
        int slash = text.indexOf('/');
        try {
            byte[] bytes = HexFormat.of().parseHex(text.substring(0, Math.max(0, slash)));
            return new InetSocketAddress(InetAddress.getByAddress(bytes), Integer.parseInt(text.substring(slash + 1)));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not the address of a client", e);
        }
    }
}
