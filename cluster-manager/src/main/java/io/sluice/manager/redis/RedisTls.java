package io.sluice.manager.redis;

import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS to servers, whose certificate must be in order and must name the host that was asked for.
 *
 * @param sockets makes them
 */
public record RedisTls(SSLSocketFactory sockets) {

    /**
     * With the authorities of a PEM file, or the JDK's.
     *
     * @throws IOException if the file cannot be read or has no certificate
     */
    public static RedisTls trusting(@Nullable Path authorities) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities == null ? null : store(authorities));
            context.init(null, trust.getTrustManagers(), new SecureRandom());
            return new RedisTls(context.getSocketFactory());
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificates that can be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore store(Path authorities) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authorities)) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
        }
        if (store.size() == 0) {
            throw new IOException("found no certificate; expected PEM");
        }
        return store;
    }

    /** TLS over a connection, once the server has proved that it is the one that was asked for. */
    SSLSocket over(Socket connected, ServerAddress server) throws IOException {
        SSLSocket socket = (SSLSocket) sockets.createSocket(connected, server.hostOrPath(), server.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // else any certificate in order would do
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }
}
