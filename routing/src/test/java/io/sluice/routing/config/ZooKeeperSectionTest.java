package io.sluice.routing.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperSectionTest {

    @TempDir
    private Path folder;

    @Test
    void oneKeyIsEnough() {
        ZooKeeperAccess access = read("connect: zk1:2181,zk2:2181/chroot");

        assertThat(access).isEqualTo(ZooKeeperAccess.to("zk1:2181,zk2:2181/chroot"));
        assertThat(access.clientProperties()).isEmpty();
    }

    @Test
    void everyKeyIsRead() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "geheim\n");
        Path ca = Files.writeString(folder.resolve("ca.pem"), "a certificate");

        ZooKeeperAccess access = read("""
                connect: zk1:2181
                session_timeout: 4s
                connect_timeout: 900ms
                auth: {user: sluice, password_file: %s}
                tls: {ca: %s, verify: false}
                """.formatted(secret, ca));

        assertThat(access)
                .isEqualTo(new ZooKeeperAccess(
                        "zk1:2181",
                        Duration.ofSeconds(4),
                        Duration.ofMillis(900),
                        new ZooKeeperAccess.Login("sluice", "geheim"),
                        new ZooKeeperAccess.Tls(ca, null, false)));
        assertThat(access.clientProperties())
                .containsEntry("zookeeper.client.secure", "true")
                .containsEntry("zookeeper.ssl.trustStore.location", ca.toString())
                .containsEntry("zookeeper.ssl.hostnameVerification", "false")
                .doesNotContainKey("zookeeper.ssl.keyStore.location");
    }

    @Test
    void aPasswordIsNeverPrinted() {
        ZooKeeperAccess access = read("{connect: 'zk1:2181', auth: {user: sluice, password: geheim}}");

        assertThat(access.toString()).contains("user=sluice").doesNotContain("geheim");
    }

    @Test
    void allMistakesAreToldAtOnce() {
        assertThatThrownBy(() -> read("""
                        connect: zk1;2181
                        session_timeout: 1h
                        auth: {user: 'a:b', password: x, password_file: y}
                        tls: {ca: /no/such/file, key: x}
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("zookeeper.connect: 'zk1;2181' is not ZooKeeper's servers")
                .hasMessageContaining("zookeeper.session_timeout")
                .hasMessageContaining("zookeeper.auth.user")
                .hasMessageContaining("password and password_file; expected one of the two")
                .hasMessageContaining("'/no/such/file': no such file")
                .hasMessageContaining("zookeeper.tls.key: unknown key");
    }

    @Test
    void withoutServersItCannotBeUsed() {
        assertThatThrownBy(() -> read("session_timeout: 6s"))
                .hasMessageContaining("zookeeper.connect: missing; expected host:port of ZooKeeper's servers");
    }

    private static ZooKeeperAccess read(String section) {
        String document = "zookeeper:\n" + section.indent(2);
        YamlSection file = YamlReader.parse("test.yaml", document.getBytes(StandardCharsets.UTF_8));
        YamlSection zooKeeper = file.section("zookeeper", "its keys").orElseThrow();
        ZooKeeperAccess access = ZooKeeperSection.read(zooKeeper);
        zooKeeper.rejectUnknownKeys();
        file.throwIfMistaken();
        return access;
    }
}
