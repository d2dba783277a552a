package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.ownPool;
import static io.sluice.proxy.config.ConfigText.problems;
import static io.sluice.proxy.config.ConfigText.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.access.PasswordHash;
import io.sluice.proxy.access.ServerLogin;
import io.sluice.proxy.config.Monitoring.Endpoint;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SluiceFileTest {

    @Test
    void settingsOfTheWholeProxy() {
        ProxyConfig config = read("""
                workers: 4
                transport: io_uring
                shutdown_timeout: 2m
                limits:
                  max_request_bytes: 16mb
                  max_arguments: 10
                  max_inline_bytes: 8kb
                  client_max_in_flight: 11
                  client_buffer_bytes: 2048
                  client_held_bytes: 1MB
                  server_max_in_flight: 12
                  server_queue_bytes: 1gb
                  max_clients: 13
                  client_buffer_max_bytes: 3mb
                  server_stall_timeout: 2s
                  process_buffer_bytes: 5gb
                  server_connects_per_second: 77
                """ + ownPool());

        assertThat(config.workers()).isEqualTo(4);
        assertThat(config.transport()).isEqualTo(TransportPreference.IO_URING);
        assertThat(config.shutdownTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.limits())
                .isEqualTo(new Limits(
                        16 << 20,
                        10,
                        8 << 10,
                        11,
                        2048,
                        1 << 20,
                        12,
                        1 << 30,
                        13,
                        3 << 20,
                        Duration.ofSeconds(2),
                        5L << 30,
                        77));
    }

    @Test
    void whereToLookInside() {
        Monitoring monitoring =
                read("admin: 10.0.0.1:80\nstats: auto\n" + ownPool()).monitoring();

        assertThat(monitoring.admin()).isEqualTo(Endpoint.at(ServerAddress.tcp("10.0.0.1", 80)));
        assertThat(monitoring.stats()).isEqualTo(Endpoint.ifFree(ServerAddress.tcp("0.0.0.0", 22222)));
        assertThat(read("admin: none\n" + ownPool()).monitoring()).isEqualTo(Monitoring.NONE);
        assertThat(read(ownPool()).monitoring())
                .isEqualTo(new Monitoring(Endpoint.ifFree(ServerAddress.tcp("127.0.0.1", 9600)), Endpoint.NONE));
    }

    @Test
    void changingSomethingTakesATokenWhichIsNotPrinted(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
        Monitoring monitoring =
                read("admin_token: 0123456789abcdef\n" + ownPool()).monitoring();

        assertThat(monitoring.token()).isEqualTo(PasswordHash.of("0123456789abcdef"));
        assertThat(monitoring.toString()).doesNotContain("0123456789abcdef");
        assertThat(read("admin_token_file: " + file + "\n" + ownPool()).monitoring())
                .isEqualTo(monitoring);
        assertThat(problems("admin_token: 0123456789abcde\n" + ownPool()))
                .singleElement()
                .asString()
                .contains("less than 16 characters")
                .doesNotContain("0123456789");
    }

    @ParameterizedTest
    @CsvSource({"9600", "localhost", "127.0.0.1:0", "127.0.0.1:65536", "/run/admin.sock", "off", "':9600'"})
    void anAdminAddressThatIsNoneIsAMistake(String text) {
        assertThat(problems("admin: " + text + "\n" + ownPool()))
                .singleElement()
                .asString()
                .contains(":1:8: admin: ", "expected host:port, auto (127.0.0.1:9600 if it is free), or none");
    }

    @Test
    void aPoolSpeaksRedisAndHasATimeoutUnlessToldOtherwise() {
        Pool pool = onlyPool(ownPool());

        assertThat(pool.protocol()).isEqualTo(PoolProtocol.REDIS);
        assertThat(pool.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(pool.hardTimeout()).isEqualTo(Duration.ofSeconds(50));
        assertThat(pool.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(pool.ejection().policy()).isEqualTo(Ejection.Policy.FAIL_FAST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol: memcache", "protocol: memcached", "redis: false"})
    void aPoolMaySpeakMemcached(String line) {
        assertThat(onlyPool(ownPool(line)).protocol()).isEqualTo(PoolProtocol.MEMCACHE);
        assertThat(onlyPool(ownPool(line, "distribution: slots")).protocol()).isEqualTo(PoolProtocol.MEMCACHE);
    }

    @Test
    void durationsHaveUnits() {
        Pool pool = onlyPool(ownPool(
                "timeout: 400ms",
                "hard_timeout: 3s",
                "connect_timeout: 2m",
                "reconnect_min: 10",
                "reconnect_max: 20ms",
                "server_retry_timeout: 7s"));

        assertThat(pool.timeout()).isEqualTo(Duration.ofMillis(400));
        assertThat(pool.hardTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(pool.connectTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(pool.reconnectMin()).isEqualTo(Duration.ofMillis(10));
        assertThat(pool.reconnectMax()).isEqualTo(Duration.ofMillis(20));
        assertThat(pool.ejection().retryTimeout()).isEqualTo(Duration.ofSeconds(7));
    }

    @ParameterizedTest
    @CsvSource({"-1,", "500ms,PT10S", "2s,PT20S", "2000,PT20S"})
    void hardTimeoutFollowsFromTimeout(String timeout, Duration expected) {
        assertThat(onlyPool(ownPool("timeout: " + timeout)).hardTimeout()).isEqualTo(expected);
    }

    @Test
    void hardTimeoutCanBeSwitchedOff() {
        assertThat(onlyPool(ownPool("hard_timeout: -1")).hardTimeout()).isNull();
    }

    @Test
    void aPoolOfTwemproxyCanBePasted() {
        Pool pool = onlyPool(ownPool("redis: true", "timeout: 400", "auto_eject_hosts: true", "reuseport: true"));

        assertThat(pool.protocol()).isEqualTo(PoolProtocol.REDIS);
        assertThat(pool.timeout()).isEqualTo(Duration.ofMillis(400));
        assertThat(pool.ejection().policy()).isEqualTo(Ejection.Policy.REMAP);
        assertThat(onlyPool(ownPool("auto_eject_hosts: false")).ejection().policy())
                .isEqualTo(Ejection.Policy.NONE);
    }

    @Test
    void everythingAboutFailingServersCanBeSaid() {
        Ejection ejection = read(ownPool(
                                "ejection: spare",
                                "spare_pool: gutter",
                                "spare_ttl: 3s",
                                "server_failure_limit: 7",
                                "failure_percent: 33",
                                "failure_window: 4s",
                                "server_retry_timeout: 2s",
                                "max_ejection_time: 9s",
                                "probe_interval: 20ms",
                                "probes_to_return: 5",
                                "slow_start: 1m",
                                "max_ejected_percent: 10")
                        + "  gutter:\n    listen: 127.0.0.1:22129\n    servers: ['127.0.0.1:6399:1']\n")
                .pools()
                .get(0)
                .ejection();

        assertThat(ejection)
                .isEqualTo(new Ejection(
                        Ejection.Policy.SPARE,
                        7,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(9),
                        33,
                        Duration.ofSeconds(4),
                        Duration.ofMillis(20),
                        5,
                        10,
                        Duration.ofMinutes(1),
                        "gutter",
                        Duration.ofSeconds(3)));
    }

    @Test
    void retriesCanBeBoundedAndExtended() {
        assertThat(onlyPool(ownPool()).retries()).isEqualTo(new ProxyConfig.Retries(10, false));
        assertThat(onlyPool(ownPool("retry_percent: 0", "retry_reads: true")).retries())
                .isEqualTo(new ProxyConfig.Retries(0, true));
    }

    @Test
    void slotsAreNotRemapped() {
        assertThat(read(ownPool("distribution: slots", "ejection: remap")).warnings())
                .singleElement()
                .asString()
                .contains("alpha.ejection: slots have one owner each and are not remapped");
    }

    @Test
    void slotsAreRedisClustersUnlessToldOtherwise() {
        Pool pool = onlyPool(slotPool());

        assertThat(pool.definition().distribution()).isEqualTo(DistributionKind.SLOTS);
        assertThat(pool.definition().hash()).isEqualTo(HashAlgorithm.CRC16);
        assertThat(pool.definition().hashTag()).isEqualTo(new HashTag((byte) '{', (byte) '}'));
        assertThat(pool.definition().slotOwners()).hasSize(16384);
    }

    @Test
    void slotsGoToServersInTheOrderOfTheFileAsTheirWeightsAsk() {
        Pool pool = onlyPool(slotPool("slots: 1024"));

        List<Integer> expected = new ArrayList<>();
        expected.addAll(Collections.nCopies(768, 0));
        expected.addAll(Collections.nCopies(256, 1));
        assertThat(pool.definition().hash()).isEqualTo(HashAlgorithm.CRC32A);
        assertThat(pool.definition().servers()).extracting(Server::name).containsExactly("left", "a");
        assertThat(pool.definition().slotOwners()).isEqualTo(expected);
    }

    @Test
    void slotRangesSayWhoOwnsWhat() {
        Pool pool = onlyPool(
                slotPool("slots: 1024", "slot_ranges:", "  left: 0-9, 20", "  a: ['10-19', '21 - 1000', '1001-1023']"));

        List<Integer> owners = pool.definition().slotOwners();
        assertThat(owners.subList(0, 10)).containsOnly(0);
        assertThat(owners.subList(10, 20)).containsOnly(1);
        assertThat(owners.get(20)).isEqualTo(0);
        assertThat(owners.subList(21, 1024)).containsOnly(1);
    }

    @Test
    void slotsThatCannotBeSharedAsTheWeightsAskAreWarnedOf() {
        ProxyConfig config = read(ownPool("distribution: slots")
                .replace("- 127.0.0.1:6379:1", "- 127.0.0.1:6379:1 tiny\n      - 127.0.0.1:6380:1000000 huge"));

        assertThat(config.warnings())
                .containsExactly("f.yml:5:7: warning: pools.alpha.servers: 'tiny' owns no slot: its weight is too small"
                        + " for 16384 slots");
    }

    @Test
    void passwordsAreNotPrinted() {
        assertThat(read(ownPool("redis_auth: hunter2")).toString()).doesNotContain("hunter2");
    }

    @Test
    void usersAndTheLoginAtServersAreReadAndNotPrinted() {
        Pool pool = onlyPool(ownPool(
                "users:",
                "  - default off",
                "  - app on >hunter2 ~cache:* +@read",
                "server_user: proxy",
                "server_password: hunter3"));

        assertThat(pool.access().rules().admitsStrangers()).isFalse();
        assertThat(pool.access().rules().login("app", "hunter2".getBytes(StandardCharsets.UTF_8)))
                .isNotNull();
        assertThat(pool.access().server()).isEqualTo(new ServerLogin("proxy", "hunter3"));
        assertThat(pool.toString() + pool.access() + read(ownPool("server_password: hunter3")))
                .doesNotContain("hunter");
    }

    @Test
    void anOpenDoorBesideUsersIsWarnedOf() {
        assertThat(read(ownPool("users:", "  - app on >hunter2 +get ~*")).warnings())
                .singleElement()
                .asString()
                .contains("pools.alpha.users: the user default is not described", "default off");
        assertThat(read(ownPool("users:", "  - app on >hunter2 +get ~*", "  - default off"))
                        .warnings())
                .isEmpty();
    }

    @Test
    void aPasswordMayStandInAFileOfItsOwn(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("password"), "hunter2\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        String text = ownPool("server_password_file: " + file);

        assertThat(onlyPool(text).access().server()).isEqualTo(new ServerLogin(null, "hunter2"));
        assertThat(read(text).warnings()).isEmpty();

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(read(text).warnings()).singleElement().asString().contains("everybody on this machine");

        Files.writeString(file, "two\nlines\n");
        assertThat(problems(text))
                .singleElement()
                .asString()
                .contains("more than one line")
                .doesNotContain("two");
    }

    @Test
    void oneRedisAuthIsForClientsAndServersAlike() {
        Pool pool = onlyPool(ownPool("redis_auth: hunter2"));

        assertThat(pool.access().server()).isEqualTo(new ServerLogin(null, "hunter2"));
        assertThat(pool.access().rules().admitsStrangers()).isFalse();
        assertThat(onlyPool(ownPool("redis_auth: hunter2", "server_password: other"))
                        .access()
                        .server())
                .isEqualTo(new ServerLogin(null, "other"));
    }

    private static String slotPool(String... lines) {
        List<String> all = new ArrayList<>(List.of("distribution: slots"));
        all.addAll(List.of(lines));
        return ownPool(all.toArray(String[]::new))
                .replace("- 127.0.0.1:6379:1", "- 127.0.0.1:6379:3 left\n      - 127.0.0.1:6380:1 a");
    }

    private static Pool onlyPool(String text) {
        List<Pool> pools = read(text).pools();
        assertThat(pools).hasSize(1);
        return pools.get(0);
    }
}
