package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Unix sockets on both sides of the proxy. */
class UnixSocketIT {

    @RegisterExtension
    static final RedisServer one = RedisServer.onFreePort().withUnixSocket();

    @RegisterExtension
    static final RedisServer two = RedisServer.onFreePort().withUnixSocket();

    @TempDir
    Path folder;

    private Path socket() {
        return folder.resolve("sluice.sock");
    }

    private RunningProxy proxy() {
        return RunningProxy.over(List.of(behind("one", one), behind("two", two)))
                .listen(ServerAddress.unix(socket().toString()));
    }

    private static Server behind(String name, RedisServer redis) {
        return new Server(name, ServerAddress.unix(redis.unixSocket().toString()), 1);
    }

    @ParameterizedTest
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void clientsAndServersMayUseUnixSockets(TransportPreference transport) throws Exception {
        List<String> keys = Shards.keys("key:", 20);
        String value = "x".repeat(100_000);
        try (RunningProxy proxy = proxy().transport(transport).workers(2).start()) {
            for (int i = 0; i < 4; i++) {
                try (RespClient client = new RespClient(socket())) {
                    for (String key : keys) {
                        assertThat(client.call("SET", key, value)).isEqualTo("OK");
                    }
                    assertThat(Collections.nCopies(20, value).equals(client.call(mget(keys))))
                            .isTrue();
                }
            }
            assertThat(proxy.proxy().transportLine()).containsIgnoringCase(transport.name());
        }
        assertThat(socket()).doesNotExist();
        for (RedisServer redis : List.of(one, two)) {
            try (RespClient direct = redis.connect()) {
                assertThat((Long) direct.call("DBSIZE")).isPositive();
            }
        }
    }

    private static String[] mget(List<String> keys) {
        return Stream.concat(Stream.of("MGET"), keys.stream()).toArray(String[]::new);
    }

    @Test
    void aSocketFileNobodyListensOnIsReplaced() throws Exception {
        ServerSocketChannel former = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        former.bind(UnixDomainSocketAddress.of(socket()));
        former.close(); // which leaves the file

        assertThat(socket()).exists();
        try (RunningProxy proxy = proxy().start()) {
            assertThat(proxy.proxy().clients()).isZero();
            assertServes(socket());
        }
    }

    @Test
    void aSocketSomebodyListensOnIsLeftAlone() throws Exception {
        try (RunningProxy first = proxy().start()) {
            assertThat(first.proxy().clients()).isZero();

            assertThatThrownBy(() -> proxy().start())
                    .isInstanceOf(ProxyStartException.class)
                    .hasMessageContaining("cannot listen on " + socket())
                    .hasMessageContaining("in use");
            assertServes(socket());
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Files.writeString(socket(), "precious");

        assertThatThrownBy(() -> proxy().start())
                .isInstanceOf(ProxyStartException.class)
                .hasMessageContaining("not a socket");
        assertThat(socket()).hasContent("precious");
    }

    @Test
    void aMissingFolderIsNamed() {
        RunningProxy proxy =
                proxy().listen(ServerAddress.unix(folder.resolve("no/such.sock").toString()));

        assertThatThrownBy(proxy::start).isInstanceOf(ProxyStartException.class).hasMessageContaining("no/such.sock");
    }

    @ParameterizedTest
    @CsvSource({"0600, rw-------", "0777, rwxrwxrwx", "0660, rw-rw----"})
    void theFileHasThePermissionsAskedFor(String octal, String rights) throws Exception {
        try (RunningProxy proxy = proxy().unixMode(Integer.parseInt(octal, 8)).start()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo(rights);
            assertThat(proxy.proxy().clients()).isZero();
        }
    }

    private static void assertServes(Path socket) throws IOException {
        try (RespClient client = new RespClient(socket)) {
            assertThat(client.call("SET", "served", "1")).isEqualTo("OK");
        }
    }
}
