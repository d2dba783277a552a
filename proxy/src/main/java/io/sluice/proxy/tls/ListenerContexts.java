package io.sluice.proxy.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.DomainWildcardMappingBuilder;
import io.netty.util.Mapping;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What TLS is spoken to clients with: one set of certificates, as the files were at one moment. Immutable. */
public final class ListenerContexts implements Expiring {

    private final SslContext standard;
    private final @Nullable Mapping<String, SslContext> byName;
    private final Instant notAfter;

    private ListenerContexts(SslContext standard, @Nullable Mapping<String, SslContext> byName, Instant notAfter) {
        this.standard = standard;
        this.byName = byName;
        this.notAfter = notAfter;
    }

    /** Reads the files. Blocks. */
    public static ListenerContexts read(ListenerTls settings, TlsEngine engine) throws TlsFileException {
        @Nullable List<X509Certificate> authorities = settings.ca() == null ? null : Authorities.read(settings.ca());
        Identity identity = Identity.read(settings.certificate());
        SslContext standard = context(settings, settings.certificate(), identity, authorities, engine);
        if (settings.byName().isEmpty()) {
            return new ListenerContexts(standard, null, identity.notAfter());
        }
        Instant first = identity.notAfter();
        DomainWildcardMappingBuilder<SslContext> names = new DomainWildcardMappingBuilder<>(standard);
        for (Map.Entry<String, CertificateFiles> named : settings.byName().entrySet()) {
            Identity other = Identity.read(named.getValue());
            first = other.notAfter().isBefore(first) ? other.notAfter() : first;
            names.add(named.getKey(), context(settings, named.getValue(), other, authorities, engine));
        }
        Mapping<String, SslContext> named = names.build();
        return new ListenerContexts(standard, host -> host == null ? standard : named.map(host), first);
    }

    private static SslContext context(
            ListenerTls settings,
            CertificateFiles files,
            Identity identity,
            @Nullable List<X509Certificate> authorities,
            TlsEngine engine)
            throws TlsFileException {
        SslContextBuilder builder = engine.applyTo(SslContextBuilder.forServer(identity.key(), identity.chain()))
                .clientAuth(clientAuth(settings.clientCertificates()));
        if (authorities != null) {
            builder.trustManager(authorities);
        }
        try {
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new TlsFileException(files.certificate(), "cannot be used for TLS: " + e.getMessage());
        }
    }

    private static ClientAuth clientAuth(ClientCertificates wanted) {
        return switch (wanted) {
            case NONE -> ClientAuth.NONE;
            case OPTIONAL -> ClientAuth.OPTIONAL;
            case REQUIRE -> ClientAuth.REQUIRE;
        };
    }

    /** For clients of which the host that they want is not known. */
    public SslContext standard() {
        return standard;
    }

    /** By the host that a client wants; null if all hosts have the same certificate. */
    public @Nullable Mapping<String, SslContext> byName() {
        return byName;
    }

    @Override
    public Instant notAfter() {
        return notAfter;
    }
}
