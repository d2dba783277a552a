package io.sluice.proxy.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What TLS is spoken to servers with, as the files were at one moment. Immutable. */
public final class ServerContext implements Expiring {

    /** That a certificate must name the host as RFC 2818 says. */
    private static final String NAMES_ARE_CHECKED = "HTTPS";

    private static final String NAMES_ARE_NOT_CHECKED = "";

    private final SslContext context;
    private final @Nullable String serverName;
    private final @Nullable Instant notAfter;

    private ServerContext(SslContext context, @Nullable String serverName, @Nullable Instant notAfter) {
        this.context = context;
        this.serverName = serverName;
        this.notAfter = notAfter;
    }

    /** Reads the files. Blocks. */
    public static ServerContext read(ServerTls settings, TlsEngine engine) throws TlsFileException {
        SslContextBuilder builder = engine.applyTo(SslContextBuilder.forClient())
                .endpointIdentificationAlgorithm(settings.verify() ? NAMES_ARE_CHECKED : NAMES_ARE_NOT_CHECKED);
        if (!settings.verify()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else if (settings.ca() != null) {
            builder.trustManager(Authorities.read(settings.ca()));
        }
        @Nullable Identity identity = settings.certificate() == null ? null : Identity.read(settings.certificate());
        if (identity != null) {
            builder.keyManager(identity.key(), identity.chain());
        }
        return new ServerContext(
                build(builder, settings), settings.serverName(), identity == null ? null : identity.notAfter());
    }

    private static SslContext build(SslContextBuilder builder, ServerTls settings) throws TlsFileException {
        try {
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            Path file = settings.files().isEmpty()
                    ? Path.of("(no file)")
                    : settings.files().get(0);
            throw new TlsFileException(file, "cannot be used for TLS: " + e.getMessage());
        }
    }

    public SslContext context() {
        return context;
    }

    /** Whom the certificate of a server at {@code host} must name. */
    public String nameOf(String host) {
        return serverName == null ? host : serverName;
    }

    @Override
    public @Nullable Instant notAfter() {
        return notAfter;
    }
}
