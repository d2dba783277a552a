package io.sluice.proxy.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.List;
import java.util.Locale;

/** Whose TLS is used. */
public enum TlsEngine {
    /** BoringSSL, which Netty brings along for Linux on x86_64 and aarch64. */
    OPENSSL(SslProvider.OPENSSL),
    /** The JDK's; works everywhere, and costs more. */
    JDK(SslProvider.JDK);

    /** System property: {@code openssl} or {@code jdk}; without it the first that loads. */
    public static final String PROPERTY = "sluice.tls";

    /** The versions spoken, to both sides. */
    public static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** Those with forward secrecy and authenticated encryption; what an engine does not have is left out. */
    static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final SslProvider provider;

    TlsEngine(SslProvider provider) {
        this.provider = provider;
    }

    /** The one to use here. Probing loads native code. */
    public static TlsEngine choose() {
        boolean isJdkWanted = System.getProperty(PROPERTY, "").equals("jdk");
        return !isJdkWanted && OpenSsl.isAvailable() ? OPENSSL : JDK;
    }

    /** One line for people: which it is, and why not the other. */
    public String describe() {
        String version = this == OPENSSL ? " (" + OpenSsl.versionString() + ")" : "";
        String reason = this == JDK && !OpenSsl.isAvailable() ? "; not available: openssl (" + reason() + ")" : "";
        return name().toLowerCase(Locale.ROOT) + version + reason;
    }

    private static String reason() {
        Throwable root = OpenSsl.unavailabilityCause();
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    SslContextBuilder applyTo(SslContextBuilder builder) {
        return builder.sslProvider(provider).protocols(PROTOCOLS).ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
    }
}
