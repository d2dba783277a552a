package io.sluice.manager.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EnsembleTest {

    private static String refusal(KeeperException e) {
        return Ensemble.refusal(e, "/sluice/main");
    }

    @Test
    void namesTheNodeThatIsMissing() {
        assertThat(refusal(KeeperException.create(Code.NONODE, "/sluice/main/topology")))
                .isEqualTo("ZooKeeper has no /sluice/main/topology; was it deleted by hand?");
    }

    @Test
    void saysWhereATransactionFailedThatDoesNotSayIt() {
        assertThat(refusal(KeeperException.create(Code.NONODE)))
                .isEqualTo("ZooKeeper lacks a node below /sluice/main that has to be there; was it deleted by hand?");
        assertThat(refusal(KeeperException.create(Code.NOAUTH)))
                .isEqualTo("ZooKeeper does not let this manager in below /sluice/main: is 'auth' that of the cluster?");
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"OK", "UNKNOWNSESSION"}) // for which there are no exceptions
    void speaksOfNoNull(Code code) {
        assertThat(refusal(KeeperException.create(code))).doesNotContain("null");
    }
}
