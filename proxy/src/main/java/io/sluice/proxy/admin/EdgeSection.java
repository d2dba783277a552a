package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.config.Edge;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.ServerTls;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The part of {@code /config} about TLS, limits on clients and PROXY headers. Names of files, never what is in them. */
final class EdgeSection {

    private EdgeSection() {}

    static void write(JsonWriter json, Edge edge) throws IOException {
        json.name("tls_listen")
                .value(edge.tlsListen() == null ? "none" : edge.tlsListen().toString());
        if (edge.tls() != null) {
            writeListener(json, edge.tls());
        }
        if (edge.serverTls() != null) {
            writeServer(json, edge.serverTls());
        }
        AdmissionRule admission = edge.admission();
        json.name("max_clients").value(admission.maxClients());
        json.name("max_clients_per_address").value(admission.maxClientsPerAddress());
        json.name("accept_rate").value(admission.acceptRate());
        json.name("accept_burst").value(admission.acceptBurst());
        json.name("max_in_flight").value(admission.maxInFlight());
        json.name("client_idle_timeout").value(text(admission.idleTimeout()));
        json.name("server_idle_timeout").value(text(edge.serverIdleTimeout()));
        json.name("check_role").value(edge.servers().checkRole());
        json.name("resolve_interval").value(text(edge.servers().resolveInterval()));
        json.name("proxy_protocol").value(word(edge.headers().mode()));
        json.name("proxy_protocol_from").value(edge.headers().sources().toString());
        json.name("proxy_protocol_timeout").value(text(edge.headers().timeout()));
    }

    private static void writeListener(JsonWriter json, ListenerTls tls) throws IOException {
        json.name("tls").beginObject();
        writeFiles(json, tls.certificate());
        json.name("ca").value(tls.ca() == null ? "none" : tls.ca().toString());
        json.name("client_auth").value(word(tls.clientCertificates()));
        json.name("handshake_timeout").value(text(tls.handshakeTimeout()));
        json.name("max_handshakes").value(tls.maxHandshakes());
        json.name("sni").beginObject();
        for (Map.Entry<String, CertificateFiles> named : new TreeMap<>(tls.byName()).entrySet()) {
            json.name(named.getKey()).beginObject();
            writeFiles(json, named.getValue());
            json.endObject();
        }
        json.endObject();
        json.endObject();
    }

    private static void writeServer(JsonWriter json, ServerTls tls) throws IOException {
        json.name("server_tls").beginObject();
        if (tls.certificate() != null) {
            writeFiles(json, tls.certificate());
        }
        json.name("ca").value(tls.ca() == null ? "those of the JVM" : tls.ca().toString());
        json.name("server_name").value(tls.serverName() == null ? "the host of each server" : tls.serverName());
        json.name("verify").value(tls.verify());
        json.endObject();
    }

    private static void writeFiles(JsonWriter json, CertificateFiles files) throws IOException {
        json.name("certificate").value(files.certificate().toString());
        json.name("key").value(files.key().toString());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String text(@Nullable Duration duration) {
        return duration == null ? "-1" : duration.toMillis() + "ms";
    }
}
