package io.sluice.proxy.testing;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Clients of a TLS port on loopback: the JDK's sockets, which share no code with what the proxy uses by default. */
public final class TlsClients {

    private static final int TIMEOUT_MILLIS = 30_000;

    private TlsClients() {}

    /** Connected, without a handshake yet. */
    public static SSLSocket socket(SSLContext context, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    public static RespClient connect(SSLContext context, int port) throws IOException {
        SSLSocket socket = socket(context, port);
        try {
            socket.startHandshake();
            return new RespClient(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** The certificate that a client sees which asks for this host. */
    public static X509Certificate seen(SSLContext context, int port, String host) throws IOException {
        try (SSLSocket socket = socket(context, port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            socket.setSSLParameters(parameters);
            return seen(socket);
        }
    }

    /** The one that a client sees which asks for no host. */
    public static X509Certificate seen(SSLContext context, int port) throws IOException {
        try (SSLSocket socket = socket(context, port)) {
            return seen(socket);
        }
    }

    private static X509Certificate seen(SSLSocket socket) throws IOException {
        socket.startHandshake();
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
}
