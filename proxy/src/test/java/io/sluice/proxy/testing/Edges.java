package io.sluice.proxy.testing;

import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.config.Edge;
import io.sluice.proxy.config.ServerWatch;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.tls.ClientCertificates;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Edges of pools, differing from the default in one thing each. */
public final class Edges {

    private Edges() {}

    public static Edge tls(int port, ListenerTls tls) {
        return new Edge(ServerAddress.tcp("127.0.0.1", port), tls, null, AdmissionRule.NO_LIMIT, HeaderRule.OFF, null);
    }

    /** Without names and without certificates of clients. */
    public static ListenerTls listener(CertificateFiles certificate) {
        return listener(certificate, null, ClientCertificates.NONE);
    }

    public static ListenerTls listener(
            CertificateFiles certificate, @Nullable Path ca, ClientCertificates clientCertificates) {
        return new ListenerTls(certificate, Map.of(), ca, clientCertificates, Duration.ofSeconds(10), 256);
    }

    public static ListenerTls withNames(CertificateFiles certificate, Map<String, CertificateFiles> byName) {
        return new ListenerTls(certificate, byName, null, ClientCertificates.NONE, Duration.ofSeconds(10), 256);
    }

    public static ListenerTls withBounds(CertificateFiles certificate, Duration handshakeTimeout, int maxHandshakes) {
        return new ListenerTls(certificate, Map.of(), null, ClientCertificates.NONE, handshakeTimeout, maxHandshakes);
    }

    public static Edge serverTls(Edge edge, ServerTls serverTls) {
        return new Edge(
                edge.tlsListen(), edge.tls(), serverTls, edge.admission(), edge.headers(), edge.serverIdleTimeout());
    }

    public static Edge admission(Edge edge, AdmissionRule rule) {
        return new Edge(edge.tlsListen(), edge.tls(), edge.serverTls(), rule, edge.headers(), edge.serverIdleTimeout());
    }

    public static Edge headers(Edge edge, HeaderRule rule) {
        return new Edge(
                edge.tlsListen(), edge.tls(), edge.serverTls(), edge.admission(), rule, edge.serverIdleTimeout());
    }

    public static Edge servers(ServerWatch watch) {
        return new Edge(null, null, null, AdmissionRule.NO_LIMIT, HeaderRule.OFF, null, watch);
    }

    public static Edge serverIdleTimeout(Duration timeout) {
        return new Edge(null, null, null, AdmissionRule.NO_LIMIT, HeaderRule.OFF, timeout);
    }
}
