package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.topology.TopologyIntake.Document;
import io.sluice.proxy.topology.TopologyStatus.Refusal;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopologyIntakeTest {

    @TempDir
    private Path folder;

    private final Proxy proxy = new Proxy();
    private TopologyIntake intake;
    private long mzxid;

    /** Takes everything but what it is told not to, and is done with it when it is told. */
    private static final class Proxy implements TopologyTaker {
        private final List<Long> taken = Collections.synchronizedList(new ArrayList<>());
        private final Map<Long, CompletableFuture<Void>> settled = new ConcurrentHashMap<>();
        private volatile long unfit;

        @Override
        public void check(Topology topology) throws TopologyRefusedException {
            if (topology.epoch() == unfit) {
                throw new TopologyRefusedException("does not fit");
            }
        }

        @Override
        public CompletionStage<Void> take(Topology topology) throws TopologyRefusedException {
            check(topology);
            taken.add(topology.epoch());
            return settlement(topology.epoch());
        }

        CompletableFuture<Void> settlement(long epoch) {
            return settled.computeIfAbsent(epoch, any -> new CompletableFuture<>());
        }

        void settle(long epoch) {
            settlement(epoch).complete(null);
        }
    }

    @BeforeEach
    void follow() {
        intake = new TopologyIntake("/topology", new LastGoodFile(folder.resolve("last.json")));
        intake.follow(Topology.NONE, CompletableFuture.completedFuture(null), proxy, () -> {});
    }

    @AfterEach
    void close() {
        intake.close();
    }

    private void offer(long epoch) {
        mzxid++;
        intake.offer(new Document(TopologyDocument.bytes(Ensemble.even(epoch, 6379 + (int) epoch)), mzxid));
    }

    private void awaitRouted(long epoch) {
        await().until(() -> intake.status().routed().epoch() == epoch);
    }

    @Test
    void anEpochIsAcknowledgedWhenItHasSettled() {
        offer(1);
        awaitRouted(1);

        assertThat(intake.status().applied()).isZero();
        proxy.settle(1);

        await().until(() -> intake.status().applied() == 1);
        await().until(() -> new LastGoodFile(folder.resolve("last.json")).read().isPresent());
    }

    @Test
    void noEpochIsAcknowledgedBeforeThoseThatCameBeforeIt() {
        offer(1);
        awaitRouted(1);
        offer(2);
        awaitRouted(2);
        proxy.settle(2);
        offer(1); // passed over, on the same thread as what is settled
        await().until(() -> intake.status().behind() == 1);

        assertThat(intake.status().applied()).isZero();
        proxy.settle(1);

        await().until(() -> intake.status().applied() == 2);
    }

    @Test
    void whatDidNotFitIsTakenOnceItFits() {
        proxy.unfit = 1;
        offer(1);
        await().until(() -> intake.status().refusal() != null);

        proxy.unfit = 0;
        intake.reconsider();

        awaitRouted(1);
        assertThat(intake.status().refusal()).isNull();
        assertThat(intake.status().refusals()).isEqualTo(1);
        assertThat(proxy.taken).containsExactly(1L);
    }

    @Test
    void somethingElseUnderAnEpochThatIsServedIsRefused() {
        offer(1);
        awaitRouted(1);

        intake.offer(new Document(TopologyDocument.bytes(Ensemble.even(1, 7777)), 99));

        await().until(() -> intake.status().refusal() != null);
        assertThat(proxy.taken).containsExactly(1L);
        assertThat(intake.routedMzxid()).isEqualTo(1);
    }

    @Test
    void aDocumentWithoutAnEpochIsRefusedAsTheNext() {
        offer(4);
        awaitRouted(4);

        intake.offer(new Document("no topology".getBytes(StandardCharsets.UTF_8), 99));

        await().until(() -> intake.status().refusal() != null);
        assertThat(intake.status().refusal()).extracting(Refusal::epoch).isEqualTo(5L);
    }
}
