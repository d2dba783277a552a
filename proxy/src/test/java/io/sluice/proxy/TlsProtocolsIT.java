package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.Authority.Issued;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.TlsClients;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which versions and ciphers of TLS are accepted: every one that a client can offer is tried. */
class TlsProtocolsIT {

    private static final Path DOCUMENT =
            Path.of(System.getProperty("basedir", ".")).resolve("../docs/tls.md");

    @TempDir
    Path folder;

    @AfterEach
    void forget() {
        System.clearProperty(TlsEngine.PROPERTY);
    }

    /** The list in docs/tls.md is this one. */
    @ParameterizedTest
    @EnumSource(TlsEngine.class)
    void theDocumentedCiphersAreAcceptedAndNoOthers(TlsEngine engine) throws Exception {
        System.setProperty(TlsEngine.PROPERTY, engine.name().toLowerCase(Locale.ROOT));
        Authority authority = new Authority(folder, "authority");
        Set<String> accepted = new TreeSet<>();
        for (Issued identity : List.of(authority.issue("ec"), authority.issueRsa("rsa"))) {
            accepted.addAll(acceptedWith(identity, authority.trustedBy(null)));
        }

        assertThat(accepted).isEqualTo(documented());
    }

    private static Set<String> acceptedWith(Issued identity, SSLContext client) throws Exception {
        int port = FreePorts.next();
        Set<String> accepted = new TreeSet<>();
        try (RunningProxy proxy = proxy(identity, port)) {
            proxy.start();
            for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
                for (String cipher : client.getSupportedSSLParameters().getCipherSuites()) {
                    if (accepts(client, port, protocol, cipher)) {
                        accepted.add(protocol + " " + cipher);
                    }
                }
            }
        }
        return accepted;
    }

    private static RunningProxy proxy(Issued identity, int tlsPort) {
        return RunningProxy.overPorts(FreePorts.next()).edge(Edges.tls(tlsPort, Edges.listener(identity.files())));
    }

    private static boolean accepts(SSLContext client, int port, String protocol, String cipher) throws IOException {
        try (SSLSocket socket = TlsClients.socket(client, port)) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.setEnabledCipherSuites(new String[] {cipher});
            socket.startHandshake();
            return socket.getSession().getCipherSuite().equals(cipher);
        } catch (SSLException refused) {
            return false;
        }
    }

    private static Set<String> documented() throws IOException {
        Set<String> documented = new TreeSet<>();
        Pattern.compile("(?m)^(TLSv\\S+) +(TLS_\\S+)")
                .matcher(Files.readString(DOCUMENT))
                .results()
                .forEach(line -> documented.add(line.group(1) + " " + line.group(2)));
        return documented;
    }

    /** BoringSSL still can speak the old versions, which the JDK's client refuses by itself. */
    @Test
    void oldVersionsAreRefused() throws Exception {
        assumeThat(OpenSsl.isAvailable()).as("BoringSSL loads here").isTrue();
        Authority authority = new Authority(folder, "authority");
        int port = FreePorts.next();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (RunningProxy proxy = proxy(authority.issueRsa("rsa"), port)) {
            proxy.start();

            assertThat(agreesOn("TLSv1.2", port, loop)).isTrue();
            assertThat(agreesOn("TLSv1.1", port, loop)).isFalse();
            assertThat(agreesOn("TLSv1", port, loop)).isFalse();
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static boolean agreesOn(String protocol, int port, EventLoopGroup loop) throws Exception {
        SslContext context = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols(protocol)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
        SslHandler tls = context.newHandler(ByteBufAllocator.DEFAULT); // kept here: a refused channel drops it
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel created) {
                        created.pipeline().addLast(tls);
                    }
                })
                .connect("127.0.0.1", port)
                .sync()
                .channel();
        try {
            return tls.handshakeFuture().awaitUninterruptibly().isSuccess();
        } finally {
            channel.close().syncUninterruptibly();
        }
    }
}
