package io.sluice.proxy.admission;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may, and must, say by a PROXY header for whom a connection is.
 *
 * @param sources load balancers that are believed; those of unix sockets always are
 * @param timeout from connecting to the end of the header
 */
public record HeaderRule(Mode mode, List<AddressRange> sources, Duration timeout) {

    /** Who sends headers. */
    public enum Mode {
        /** Nobody. */
        OFF,
        /** All clients, and those that are no trusted source are refused. */
        REQUIRE,
        /** The trusted sources; all others are clients themselves. */
        TRUSTED
    }

    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    public static final HeaderRule OFF = new HeaderRule(Mode.OFF, List.of(), DEFAULT_TIMEOUT);

    public HeaderRule {
        sources = List.copyOf(sources);
    }

    public boolean isOff() {
        return mode == Mode.OFF;
    }

    /** Whether this peer begins with a header; null is that of a unix socket. */
    public boolean expectsHeaderOf(@Nullable InetAddress peer) {
        return mode != Mode.OFF && (peer == null || isTrusted(peer));
    }

    /** Whether this peer may not come at all. */
    public boolean refuses(@Nullable InetAddress peer) {
        return mode == Mode.REQUIRE && peer != null && !isTrusted(peer);
    }

    private boolean isTrusted(InetAddress peer) {
        return sources.stream().anyMatch(range -> range.contains(peer));
    }
}
