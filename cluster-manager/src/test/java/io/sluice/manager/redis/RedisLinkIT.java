package io.sluice.manager.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.topology.ServerAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RedisLinkIT {

    /** Says OK to everything, as a half-finished server may. */
    private static void sayOk(ServerSocket server) {
        try (Socket socket = server.accept();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("*")) {
                    socket.getOutputStream().write("+OK\r\n".getBytes(StandardCharsets.UTF_8));
                }
            }
        } catch (IOException e) {
            // The test is over, or the link has closed its connection.
        }
    }

    @Test
    void aReplyOfAnotherTypeIsAnAnswerThatCannotBeRead() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RedisLink link = new RedisLink(
                        new RedisConnector(RedisLogin.NONE, Duration.ofSeconds(5)),
                        ServerAddress.tcp("127.0.0.1", server.getLocalPort()))) {
            new Thread(() -> sayOk(server), "says-ok").start();

            assertThat(link.role()).isEqualTo(new ServerRole.Unknown("gives an answer that cannot be read"));
        }
    }
}
