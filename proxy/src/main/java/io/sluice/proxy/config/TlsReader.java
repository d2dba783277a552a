package io.sluice.proxy.config;

import io.sluice.proxy.tls.Authorities;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.tls.ClientCertificates;
import io.sluice.proxy.tls.Identity;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.proxy.tls.TlsFileException;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the sections {@code tls} and {@code server_tls} of a pool, and the files that they name. */
final class TlsReader {

    private static final int MAX_NAMES = 1_024;
    private static final int MAX_HANDSHAKES = 65_536;

    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[a-z0-9_-]+(\\.[a-z0-9_-]+)*");

    private static final ScalarType<ClientCertificates> CLIENT_AUTH =
            ScalarType.oneOf("a way to ask for certificates", List.of(ClientCertificates.values()));
    private static final ScalarType<Path> FILE = ScalarType.of("a file", "the path of a file", TlsReader::path);

    private final YamlSection section;

    private TlsReader(YamlSection section) {
        this.section = section;
    }

    /** Empty, and a mistake, if it has no usable certificate. */
    static Optional<ListenerTls> listener(YamlSection section) {
        return new TlsReader(section).listener();
    }

    /** Harmless in those parts where mistakes were found. */
    static ServerTls server(YamlSection section) {
        return new TlsReader(section).server();
    }

    private Optional<ListenerTls> listener() {
        Optional<CertificateFiles> certificate = certificate(section, true);
        Map<String, CertificateFiles> byName = byName();
        @Nullable Path ca = authorities();
        ClientCertificates wanted = section.value("client_auth", ClientCertificates.NONE, CLIENT_AUTH);
        if (wanted != ClientCertificates.NONE && !section.has("ca")) {
            section.mistake("client_auth", "nobody could be believed; expected the key 'ca' as well");
        } else if (wanted == ClientCertificates.NONE && section.has("ca")) {
            section.warning("ca", "has no effect while client_auth is none");
        }
        Duration timeout = section.value(
                "handshake_timeout",
                ListenerTls.DEFAULT_HANDSHAKE_TIMEOUT,
                ScalarType.duration(Duration.ofMillis(100), Duration.ofMinutes(10)));
        int handshakes = section.value(
                "max_handshakes", ListenerTls.DEFAULT_MAX_HANDSHAKES, ScalarType.integer(1, MAX_HANDSHAKES));
        section.rejectUnknownKeys();
        return certificate.map(files -> new ListenerTls(files, byName, ca, wanted, timeout, handshakes));
    }

    private ServerTls server() {
        @Nullable Path ca = authorities();
        boolean verify = section.value("verify", true, ScalarType.BOOLEAN);
        if (!verify && ca != null) {
            section.warning("ca", "has no effect while verify is false");
        }
        boolean hasOwn = section.has("certificate") || section.has("key") || section.has("key_password_file");
        Optional<CertificateFiles> certificate = certificate(section, hasOwn);
        ServerTls read = new ServerTls(
                ca,
                certificate.orElse(null),
                section.optional("server_name", ScalarType.of("a host", "the name of a host", TlsReader::host))
                        .orElse(null),
                verify);
        section.rejectUnknownKeys();
        return read;
    }

    // ---- files

    /** Reads both files, so that mistakes are told now and not when the proxy starts. */
    private static Optional<CertificateFiles> certificate(YamlSection section, boolean required) {
        if (required) {
            section.required("certificate", "the path of a file");
            section.required("key", "the path of a file");
        }
        Optional<Path> certificate = section.optional("certificate", FILE);
        Optional<Path> key = section.optional("key", FILE);
        Optional<Path> password = section.optional("key_password_file", FILE);
        if (certificate.isEmpty() || key.isEmpty()) {
            return Optional.empty();
        }
        CertificateFiles files = new CertificateFiles(certificate.get(), key.get(), password.orElse(null));
        try {
            Identity.read(files)
                    .untimely(Instant.now())
                    .ifPresent(oddity -> section.warning("certificate", files.certificate() + ": " + oddity));
            return Optional.of(files);
        } catch (TlsFileException e) {
            section.mistake(keyOf(e.file(), files), e.describe());
            return Optional.empty();
        }
    }

    private static String keyOf(Path file, CertificateFiles files) {
        if (file.equals(files.keyPasswordFile())) {
            return "key_password_file";
        }
        return file.equals(files.key()) && !file.equals(files.certificate()) ? "key" : "certificate";
    }

    private @Nullable Path authorities() {
        Optional<Path> file = section.optional("ca", FILE);
        if (file.isEmpty()) {
            return null;
        }
        try {
            Authorities.read(file.get());
            return file.get();
        } catch (TlsFileException e) {
            section.mistake("ca", e.describe());
            return null;
        }
    }

    // ---- names

    private Map<String, CertificateFiles> byName() {
        Optional<YamlSection> names = section.section("sni", "names of hosts, each with 'certificate' and 'key'");
        Map<String, CertificateFiles> byName = new HashMap<>();
        if (names.isEmpty()) {
            return byName;
        }
        if (names.get().keys().size() > MAX_NAMES) {
            section.mistake("sni", names.get().keys().size() + " hosts; expected at most " + MAX_NAMES);
            return byName;
        }
        for (String name : names.get().keys()) {
            Optional<YamlSection> host = names.get().section(name, "the keys 'certificate' and 'key'");
            if (!HOST.matcher(lower(name)).matches()) {
                names.get()
                        .mistakenKey(
                                name, "not the name of a host; expected one such as a.example.com or *.example.com");
            } else if (host.isPresent()) {
                certificate(host.get(), true).ifPresent(files -> byName.put(lower(name), files));
                host.get().rejectUnknownKeys();
            }
        }
        return byName;
    }

    private static Optional<String> host(String text) {
        return HOST.matcher(lower(text)).matches() && !text.startsWith("*") ? Optional.of(text) : Optional.empty();
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static Optional<Path> path(String text) {
        try {
            return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
