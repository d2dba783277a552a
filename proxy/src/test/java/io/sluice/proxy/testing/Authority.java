package io.sluice.proxy.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.sluice.proxy.tls.CertificateFiles;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** A certificate authority made for one test, with the certificates that it issues; all of them are files. */
public final class Authority {

    /** What it has issued: the files, and the same in memory for clients. */
    public record Issued(CertificateFiles files, X509Bundle bundle) {

        /** In place of other files, each at once, as whoever renews a certificate does it. */
        public void replace(CertificateFiles old) throws IOException {
            move(files.certificate(), old.certificate());
            move(files.key(), old.key());
        }

        private static void move(Path from, Path to) throws IOException {
            Path beside = to.resolveSibling(to.getFileName() + ".new");
            Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING);
            Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private final Path folder;
    private final X509Bundle root;
    private int issued;

    /** Writes its files into {@code folder}, which must exist. */
    public Authority(Path folder, String name) throws Exception {
        this.folder = Files.createDirectories(folder.resolve(name));
        this.root = new CertificateBuilder()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Files.writeString(certificate(), root.getCertificatePEM());
    }

    /** Its own certificate. */
    public Path certificate() {
        return folder.resolve("ca.pem");
    }

    /** A certificate for 127.0.0.1 and these hosts, valid now. */
    public Issued issue(String name, String... hosts) throws Exception {
        return issue(certificate(name, hosts));
    }

    /** The same with an RSA key. */
    public Issued issueRsa(String name, String... hosts) throws Exception {
        return issue(certificate(name, hosts).rsa2048());
    }

    /** One that expired yesterday. */
    public Issued issueExpired(String name) throws Exception {
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        return issue(
                certificate(name).notBefore(yesterday.minus(Duration.ofDays(9))).notAfter(yesterday));
    }

    private static CertificateBuilder certificate(String name, String... hosts) {
        CertificateBuilder builder =
                new CertificateBuilder().subject("CN=" + name).addSanIpAddress("127.0.0.1");
        for (String host : hosts) {
            builder.addSanDnsName(host);
        }
        return builder;
    }

    private Issued issue(CertificateBuilder builder) throws Exception {
        X509Bundle bundle = builder.buildIssuedBy(root);
        issued++;
        Path certificate = folder.resolve("cert" + issued + ".pem");
        Path key = folder.resolve("key" + issued + ".pem");
        Files.writeString(certificate, bundle.getCertificatePathPEM());
        Files.writeString(key, bundle.getPrivateKeyPEM());
        return new Issued(new CertificateFiles(certificate, key, null), bundle);
    }

    /** Shows its certificate whatever authorities the server says it believes. */
    private static final class Insisting extends X509ExtendedKeyManager {
        private final X509Bundle own;

        Insisting(X509Bundle own) {
            this.own = own;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return "own";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return own.getCertificatePath();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return own.getKeyPair().getPrivate();
        }

        @Override
        public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }

    /** For clients that believe this authority, and show {@code own} if they are asked. */
    public SSLContext trustedBy(@Nullable Issued own) throws Exception {
        KeyManager @Nullable [] keys = own == null ? null : new KeyManager[] {new Insisting(own.bundle())};
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {root.toTrustManager()}, new SecureRandom());
        return context;
    }
}
