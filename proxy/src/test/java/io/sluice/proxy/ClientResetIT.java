package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that reset their connection when nobody owes them anything: no write to them will ever fail. */
class ClientResetIT {

    private static final int CLIENTS = 500;

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void aClientThatResetsInTheMiddleOfARequestIsGone(TransportPreference transport) throws Exception {
        byte[] half = RespFrames.bytes("*2\r\n$3\r\nGET\r\n$10\r\nhalf");
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .transport(transport)
                        .start()) {
            for (int i = 0; i < CLIENTS; i++) {
                try (RawClient client = new RawClient(proxy.port())) {
                    client.send(half);
                    client.resetOnClose();
                }
            }

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(proxy.proxy().clients())
                            .as("of %d clients are still there", CLIENTS)
                            .isZero());
        }
    }

    /** What it is told finds nobody; that is no bug of ours. */
    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void aClientThatResetsWhileItIsRefusedIsNoBug(TransportPreference transport) throws Exception {
        byte[] wrong = RespFrames.bytes("PING\r\n*x\r\n");
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                ErrorLog errors = ErrorLog.listen(ClientResetIT.class);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .transport(transport)
                        .start()) {
            for (int i = 0; i < CLIENTS; i++) {
                try (RawClient client = new RawClient(proxy.port())) {
                    client.send(wrong);
                    client.resetOnClose();
                }
            }

            await().atMost(Duration.ofSeconds(30)).until(() -> proxy.proxy().clients() == 0);
            errors.assertEmpty();
        }
    }
}
