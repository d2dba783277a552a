package io.sluice.proxy.config;

import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the connections of a pool begin and end, on both sides.
 *
 * @param tlsListen where clients connect that speak TLS; null for nowhere
 * @param tls how TLS is spoken to them; null only without {@code tlsListen}
 * @param serverTls how TLS is spoken to servers; null for clear text
 * @param admission how many clients may come
 * @param headers whether they begin with a PROXY header
 * @param serverIdleTimeout how long a connection to a server may be without requests; null for ever
 * @param servers how it is made sure that these are still the right ones
 */
public record Edge(
        @Nullable ServerAddress tlsListen,
        @Nullable ListenerTls tls,
        @Nullable ServerTls serverTls,
        AdmissionRule admission,
        HeaderRule headers,
        @Nullable Duration serverIdleTimeout,
        ServerWatch servers) {

    /** Clear text, and no limit but those of the whole proxy. */
    public static final Edge OPEN = new Edge(null, null, null, AdmissionRule.NO_LIMIT, HeaderRule.OFF, null);

    /** One whose servers are believed in. */
    public Edge(
            @Nullable ServerAddress tlsListen,
            @Nullable ListenerTls tls,
            @Nullable ServerTls serverTls,
            AdmissionRule admission,
            HeaderRule headers,
            @Nullable Duration serverIdleTimeout) {
        this(tlsListen, tls, serverTls, admission, headers, serverIdleTimeout, ServerWatch.NONE);
    }

    /** To clients, to servers, or both. */
    public boolean speaksTls() {
        return tls != null || serverTls != null;
    }

    /** Whether both take clients in alike, on the listener in clear text and on that for TLS. */
    public boolean takesClientsInAs(Edge other) {
        return admission.equals(other.admission) && headers.equals(other.headers);
    }

    /** Whether {@code listener}, the pool's own, is the one for TLS, since it has no other. */
    public boolean isTlsOnly(Listener listener) {
        return listener.address().equals(tlsListen);
    }
}
