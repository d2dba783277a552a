package io.sluice.proxy.transport;

import io.sluice.proxy.admission.Arrivals;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.tls.ListenerContexts;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How one event loop meets the clients of a listener for TLS before they are clients.
 *
 * @param contexts the certificates of the moment; asked for each client
 * @param handshakeTimeout from connecting, or from the end of the PROXY header, to the end of the handshake
 * @param maxHandshakes under way on this loop; then it accepts no further clients until one has ended
 * @param headers whether PROXY headers come first
 * @param arrivals hears how it went
 */
public record TlsDoor(
        Supplier<ListenerContexts> contexts,
        Duration handshakeTimeout,
        int maxHandshakes,
        HeaderRule headers,
        Arrivals arrivals) {}
