package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.routing.topology.ServerAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;

class ErrorReplyTest {

    private static CopyFailure failure(String reply) {
        return new ErrorReply(reply).failure(RedisEndpoint.of(ServerAddress.tcp("10.0.0.5", 6379)), Command.RESTORE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "READONLY You can't write against a read only replica.",
                "LOADING Redis is loading the dataset in memory",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                "NOREPLICAS Not enough good replicas to write.",
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."
            })
    void whatGoesByItselfLetsTheCopyBeginAgainAndIsNoMatterOfAKey(String reply) {
        assertThat(failure(reply).kind()).isEqualTo(Kind.CONNECTION);
        assertThat(failure(reply).kind().mayRepeat()).isTrue();
        assertThat(failure(reply).message()).startsWith("10.0.0.5:6379 ").doesNotContain("refused");
        assertThat(new ErrorReply(reply).isOfServer()).isTrue();
    }

    @Test
    void aFullTargetWaitsForPeople() {
        CopyFailure full = failure("OOM command not allowed when used memory > 'maxmemory'.");

        assertThat(full.kind()).isEqualTo(Kind.TARGET_FULL);
        assertThat(full.message()).startsWith("10.0.0.5:6379 is out of memory: OOM");
        assertThat(new ErrorReply("OOM command not allowed").isOfServer()).isTrue();
    }

    @Test
    void whatIsRefusedToAUserWaitsForPeopleAndIsNoMatterOfAKey() {
        String reply = "NOPERM User mover has no permissions to run the 'restore' command";

        assertThat(failure(reply)).isEqualTo(new CopyFailure(Kind.REFUSED, "10.0.0.5:6379 refused RESTORE: " + reply));
        assertThat(new ErrorReply(reply).isOfServer()).isTrue();
    }

    @Test
    void whatIsWrongWithAKeyIsAMatterOfThatKey() {
        String reply = "WRONGTYPE Operation against a key holding the wrong kind of value";

        assertThat(failure(reply).kind()).isEqualTo(Kind.REFUSED);
        assertThat(new ErrorReply(reply).isOfServer()).isFalse();
    }
}
