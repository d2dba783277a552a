package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Protocol.Command;

/** A command of a mover that is still on its way when the gate closes is not executed, however late it arrives. */
class LateCommandIT {

    @RegisterExtension
    static final RedisServer server = RedisServer.onFreePort();

    @Test
    void isNotExecutedWhenTheGateWasClosedBefore() throws Exception {
        assertThat(valueAfterALateRestore(true)).isEqualTo("written by a client");
    }

    @Test
    void wouldOtherwiseUndoWhatAClientHasWritten() throws Exception {
        assertThat(valueAfterALateRestore(false)).isEqualTo("old");
    }

    private static String valueAfterALateRestore(boolean closeTheGate) throws Exception {
        try (HoldingRelay relay = new HoldingRelay(server.port());
                RespClient client = server.connect()) {
            RedisEndpoint slow = RedisEndpoint.of(relay.address());
            try (RedisLink mover = RedisLink.open(slow, Purpose.COPY, registered -> true)) {
                client.call("SET", "k", "old");
                byte[] payload = (byte[]) Objects.requireNonNull(mover.call(Command.DUMP, RedisLink.ascii("k")));
                relay.holdPresent();
                CompletableFuture<Object> late = CompletableFuture.supplyAsync(() -> restore(mover, payload));
                Awaitility.await("the command is on its way").until(() -> relay.heldBytes() > 0);

                if (closeTheGate) {
                    assertThat(ConnectionGate.close(slow, List.of(mover.identity())))
                            .isEmpty();
                }
                client.call("SET", "k", "written by a client");
                relay.release();

                assertThat(late.get()).isEqualTo(closeTheGate ? "broken" : "executed");
                return Ask.text(client, "GET", "k");
            }
        }
    }

    private static Object restore(RedisLink mover, byte[] payload) {
        try {
            mover.call(Command.RESTORE, RedisLink.ascii("k"), RedisLink.ascii(0), payload, RedisLink.ascii("REPLACE"));
            return "executed";
        } catch (CopyException e) {
            return "broken";
        }
    }

    @Test
    void theGateLeavesConnectionsToAnEarlierRunOfTheServerAlone() throws Exception {
        RedisEndpoint endpoint = TwoServers.endpoint(server);
        try (RedisLink link = RedisLink.open(endpoint, Purpose.COPY, registered -> true)) {
            MaintenanceConnection real = link.identity();
            var earlier = new MaintenanceConnection(real.node(), "0".repeat(40), real.clientId(), Purpose.COPY);

            assertThat(ConnectionGate.close(endpoint, List.of(earlier))).isEmpty();

            assertThat(link.text(Command.PING)).isEqualTo("PONG");
        }
    }
}
