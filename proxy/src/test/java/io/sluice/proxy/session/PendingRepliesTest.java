package io.sluice.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.budget.SplitBudget;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.Budgets;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.transport.LoopClock;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingRepliesTest {

    private static final String BROKEN =
            "-ERR Connection reset by peer: server=a closed in the middle of its reply\r\n";

    private final ReplySlotPool pool = new ReplySlotPool(new SplitBudget(Budgets.ample()));
    private final OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
    private final Client client = new Client();

    @AfterEach
    void leavesNothing() {
        OutBytes.takeAll(out);
    }

    // ---- order

    @Test
    void repliesInRequestOrderInWhateverOrderTheyCome() {
        for (List<Integer> order : permutations(List.of(0, 1, 2, 3, 4))) {
            PendingReplies pending = pending(1 << 20);
            List<ReplySink> slots = append(pending, 5);
            StringBuilder written = new StringBuilder();
            List<Integer> arrived = new ArrayList<>();

            for (int slot : order) {
                reply(slots.get(slot), text(slot), true);
                arrived.add(slot);
                written.append(OutBytes.takeAll(out));

                assertThat(written.toString()).as("after %s", arrived).isEqualTo(readyPrefix(arrived));
            }
            assertThat(pending.size()).isZero();
            assertReturnedOnce(slots);
        }
    }

    private static String readyPrefix(List<Integer> arrived) {
        StringBuilder prefix = new StringBuilder();
        for (int i = 0; arrived.contains(i); i++) {
            prefix.append(text(i));
        }
        return prefix.toString();
    }

    @Test
    void aRingThatWrapsKeepsTheOrder() {
        PendingReplies pending = pending(1 << 20);
        StringBuilder expected = new StringBuilder();
        List<ReplySink> waiting = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < 100; i++) {
            waiting.addAll(append(pending, 1 + i % 7));
            while (waiting.size() > i % 5) {
                expected.append(text(next));
                reply(waiting.remove(0), text(next++), true);
            }
        }

        assertThat(OutBytes.takeAll(out)).isEqualTo(expected.toString());
    }

    @Test
    void theOldestReplyIsWrittenPieceByPiece() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 2);

        reply(slots.get(0), "$6\r\nabc", false);
        assertThat(OutBytes.takeAll(out)).isEqualTo("$6\r\nabc");
        reply(slots.get(1), "+second\r\n", true);
        assertThat(OutBytes.takeAll(out)).isEmpty();
        reply(slots.get(0), "def\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("def\r\n+second\r\n");
        assertReturnedOnce(slots);
    }

    @Test
    void earlyPiecesAreWrittenOnceTheirTurnHasCome() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 2);

        reply(slots.get(1), "$6\r\nab", false);
        reply(slots.get(1), "c", false);
        reply(slots.get(0), "+first\r\n", true);
        assertThat(OutBytes.takeAll(out)).isEqualTo("+first\r\n$6\r\nabc");
        reply(slots.get(1), "def\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("def\r\n");
        assertReturnedOnce(slots);
    }

    @Test
    void tellsTheClientOfRepliesThatLeft() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 2);

        reply(slots.get(1), "+b\r\n", true);
        assertThat(client.written).isZero();
        assertThat(client.held).isEqualTo(1);
        reply(slots.get(0), "+a\r\n", true);

        assertThat(client.written).isEqualTo(1);
    }

    @Test
    void aPlaceThatIsTakenBackLeavesNothing() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 3);
        reply(slots.get(1), "+b\r\n", true);
        reply(slots.get(0), "+a\r\n", true);

        pending.takeBack();

        assertThat(OutBytes.takeAll(out)).isEqualTo("+a\r\n+b\r\n");
        assertThat(pending.size()).isZero();
        assertReturnedOnce(slots);
    }

    // ---- bounds

    @Test
    void holdsAsManyBytesAsAllowed() {
        PendingReplies pending = pending(12);
        List<ReplySink> slots = append(pending, 4);

        reply(slots.get(1), "+one\r\n", true);
        reply(slots.get(2), "+two\r\n", true);
        reply(slots.get(3), "+x\r\n", true);
        reply(slots.get(0), "+first\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("+first\r\n+one\r\n+two\r\n" + overflow(12));
        assertReturnedOnce(slots);
    }

    @Test
    void aReplyThatOverflowsInPiecesGivesItsBytesBack() {
        PendingReplies pending = pending(12);
        List<ReplySink> slots = append(pending, 3);

        reply(slots.get(1), "$100\r\nab", false);
        reply(slots.get(1), "cdefghi", false);
        reply(slots.get(2), "+12345678\r\n", true);
        reply(slots.get(1), "j\r\n", true);
        reply(slots.get(0), "+first\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("+first\r\n" + overflow(12) + "+12345678\r\n");
        assertReturnedOnce(slots);
    }

    @Test
    void theRestOfAnOverflowedReplyIsNoReply() {
        PendingReplies pending = pending(12);
        List<ReplySink> slots = append(pending, 3);

        reply(slots.get(1), "$100\r\nabcdefghijkl", false);
        reply(slots.get(0), "+first\r\n", true);
        reply(slots.get(1), "\r\n+not a reply\r\n", false);
        reply(slots.get(2), "+third\r\n", true);
        assertThat(OutBytes.takeAll(out)).isEqualTo("+first\r\n");
        reply(slots.get(1), "rest\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo(overflow(12) + "+third\r\n");
        assertThat(pending.size()).isZero();
        assertReturnedOnce(slots);
    }

    @Test
    void anOverflowedReplyThatBreaksIsAnError() {
        PendingReplies pending = pending(12);
        List<ReplySink> slots = append(pending, 2);

        reply(slots.get(1), "$100\r\nabcdefghijkl", false);
        reply(slots.get(0), "+first\r\n", true);
        slots.get(1).onBroken("server=a closed in the middle of its reply");

        assertThat(OutBytes.takeAll(out)).isEqualTo("+first\r\n" + BROKEN);
        assertThat(client.broken).isZero();
        assertReturnedOnce(slots);
    }

    @Test
    void bytesHeldAreFreeAgainOnceWritten() {
        PendingReplies pending = pending(12);
        for (int i = 0; i < 100; i++) {
            List<ReplySink> slots = append(pending, 2);
            reply(slots.get(1), "+12345678\r\n", true);
            reply(slots.get(0), "+a\r\n", true);

            assertThat(OutBytes.takeAll(out)).isEqualTo("+a\r\n+12345678\r\n");
        }
    }

    @Test
    void aClientThatNeverPausesHoldsNoMoreThanWhatWaits() {
        UnpooledByteBufAllocator counting = new UnpooledByteBufAllocator(true);
        PendingReplies pending =
                new PendingReplies(pool, protocol(), out, counting, Budgets.holding(1 << 20), counts(), client);
        String early = "+" + "x".repeat(500) + "\r\n";
        ReplySink oldest = pending.append(true, true);
        reply(pending.append(true, true), early, true);

        for (int i = 0; i < 10_000; i++) {
            ReplySink next = pending.append(true, true);
            reply(pending.append(true, true), early, true); // something is held at any time
            reply(oldest, text(i), true);
            assertThat(OutBytes.takeAll(out)).isEqualTo(text(i) + early);
            oldest = next;
        }

        assertThat(counting.metric().usedDirectMemory()).isLessThan(16 << 10);
        pending.abandonAll();
        assertThat(counting.metric().usedDirectMemory()).isZero();
    }

    // ---- broken replies

    @Test
    void aReplyThatBreaksBeforeItsFirstByteIsAnError() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 3);

        slots.get(1).onBroken("server=a closed in the middle of its reply");
        reply(slots.get(2), "$9\r\nab", false);
        slots.get(2).onBroken("server=a closed in the middle of its reply");
        slots.get(0).onBroken("server=a closed in the middle of its reply");

        assertThat(OutBytes.takeAll(out)).isEqualTo(BROKEN + BROKEN + BROKEN);
        assertThat(client.broken).isZero();
        assertReturnedOnce(slots);
    }

    @Test
    void aReplyThatBreaksHalfWrittenEndsTheClient() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 2);

        reply(slots.get(0), "$9\r\nab", false);
        reply(slots.get(1), "+early\r\n", true);
        slots.get(0).onBroken("server=a closed in the middle of its reply");

        assertThat(client.broken).isEqualTo(1);
        assertThat(OutBytes.takeAll(out)).isEqualTo("$9\r\nab");
        pending.abandonAll();
        assertReturnedOnce(slots);
    }

    @Test
    void aReplyThatBreaksWithItsEarlyPiecesWrittenEndsTheClient() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 2);

        reply(slots.get(1), "$9\r\nab", false);
        reply(slots.get(0), "+a\r\n", true);
        slots.get(1).onBroken("server=a closed in the middle of its reply");

        assertThat(client.broken).isEqualTo(1);
        pending.abandonAll();
        assertReturnedOnce(slots);
    }

    @Test
    void aLastReplyIsWrittenInItsPlaceAndItsClientMustGo() {
        PendingReplies pending = pending(1 << 20);
        List<ReplySink> slots = append(pending, 2);

        slots.get(1).onLastReply(protocol().error(ErrorKind.OUTCOME_UNKNOWN, "handoff"));
        reply(slots.get(0), "+first\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("+first\r\n-ERR outcome unknown: handoff\r\n");
        assertThat(client.gone).isEqualTo(1);
    }

    // ---- the client is gone

    @Test
    void lateRepliesOfAGoneClientAreForNobody() {
        PendingReplies pending = pending(12);
        List<ReplySink> slots = append(pending, 7);
        reply(slots.get(0), "$9\r\nab", false); // started
        reply(slots.get(1), "+ok\r\n", true); // ready
        reply(slots.get(2), "$9\r\nab", false); // in pieces
        reply(slots.get(3), "$100\r\nabcdefghij", false); // overflowed
        reply(slots.get(4), "$100\r\nabcdefghij\r\n", true); // overflowed and ready
        OutBytes.takeAll(out); // slots 5 and 6 wait

        pending.abandonAll();
        reply(slots.get(0), "cd", false);
        reply(slots.get(0), "ef\r\n", true);
        slots.get(2).onBroken("server=a closed in the middle of its reply");
        reply(slots.get(3), "ef\r\n", true);
        reply(slots.get(5), "+late\r\n", true);
        slots.get(6).onBroken("server=a closed in the middle of its reply");

        assertThat(OutBytes.takeAll(out)).isEmpty();
        assertThat(client.broken).isZero();
        assertReturnedOnce(slots);
    }

    @Test
    void aSlotIsNotUsedAgainBeforeItsLateReplyHasCome() {
        PendingReplies gone = pending(1 << 20);
        ReplySink late = append(gone, 1).get(0);
        gone.abandonAll();
        PendingReplies next = pending(1 << 20);
        List<ReplySink> slots = append(next, 10);

        assertThat(slots).doesNotContain(late);
        reply(late, "+for the client that is gone\r\n", true);
        reply(slots.get(0), "+mine\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("+mine\r\n");
    }

    @Test
    void whatWaitsForAGoneClientIsReleased() {
        PendingReplies pending = pending(1 << 20);
        reply(append(pending, 1).get(0), "+unsent\r\n", true);

        pending.abandonAll();

        assertThat(out.isEmpty()).isTrue();
        assertThat(OutBytes.takeAll(out)).isEmpty();
    }

    // ---- anything, in any order

    @Test
    void everyReplyIsItselfOrAnErrorInItsPlace() {
        Seed seed = Seed.next("PendingRepliesTest");
        SplittableRandom random = seed.random();
        for (int round = 0; round < 2_000; round++) {
            int maxHeld = random.nextInt(80);
            PendingReplies pending = pending(maxHeld);
            List<ReplySink> slots = append(pending, 6);
            List<Sender> senders = new ArrayList<>();
            for (int i = 0; i < slots.size(); i++) {
                senders.add(new Sender(slots.get(i), "$12\r\nreply " + (char) ('a' + i) + " " + i + " end\r\n"));
            }
            List<Sender> unfinished = new ArrayList<>(senders);
            while (!unfinished.isEmpty()) {
                Sender sender = unfinished.get(random.nextInt(unfinished.size()));
                sender.sendPiece(random);
                if (sender.isDone()) {
                    unfinished.remove(sender);
                }
            }

            String rest = OutBytes.takeAll(out);
            for (Sender sender : senders) {
                String found = rest.startsWith("-") ? overflow(maxHeld) : sender.text;
                assertThat(rest).as("%s round %d", seed, round).startsWith(found);
                rest = rest.substring(found.length());
            }
            assertThat(rest).as("%s round %d", seed, round).isEmpty();
            assertReturnedOnce(slots);
        }
    }

    private static final class Sender {
        private final ReplySink slot;
        private final String text;
        private int sent;

        Sender(ReplySink slot, String text) {
            this.slot = slot;
            this.text = text;
        }

        void sendPiece(SplittableRandom random) {
            int end = random.nextInt(sent + 1, text.length() + 1);
            reply(slot, text.substring(sent, end), end == text.length());
            sent = end;
        }

        boolean isDone() {
            return sent == text.length();
        }
    }

    // ---- how it is asserted

    private static final class Client implements PendingReplies.Owner {
        private int written;
        private int held;
        private int broken;
        private int gone;

        @Override
        public void onRepliesWritten() {
            written++;
        }

        @Override
        public void onReplyHeld() {
            held++;
        }

        @Override
        public void onReplyBroken() {
            broken++;
        }

        @Override
        public void onMustGo() {
            gone++;
        }
    }

    private PendingReplies pending(int maxHeldBytes) {
        ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        return new PendingReplies(pool, protocol(), out, allocator, Budgets.holding(maxHeldBytes), counts(), client);
    }

    // ---- replies that the client does not want

    @Test
    void anUnwantedReplyHoldsItsPlaceAndSaysNothing() {
        PendingReplies pending = pending(64);
        ReplySink unwanted = pending.append(false, true);
        ReplySink wanted = pending.append(true, true);
        ReplySink last = pending.append(false, true);

        reply(last, "x".repeat(1000), false);
        reply(last, "y", true);
        reply(wanted, "+wanted\r\n", true);
        assertThat(OutBytes.takeAll(out)).isEmpty();
        assertThat(pending.size()).isEqualTo(3);
        reply(unwanted, "x".repeat(1000), false);
        reply(unwanted, "y", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("+wanted\r\n");
        assertThat(pending.size()).isZero();
        assertReturnedOnce(List.of(unwanted, wanted, last));
    }

    @Test
    void anUnwantedReplyThatBreaksOffSaysNothing() {
        PendingReplies pending = pending(64);
        ReplySink unwanted = pending.append(false, true);
        ReplySink wanted = pending.append(true, true);

        reply(unwanted, "begun", false);
        unwanted.onBroken("server=a closed in the middle of its reply");
        reply(wanted, "+wanted\r\n", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("+wanted\r\n");
        assertThat(client.broken).isZero();
    }

    @Test
    void anEmptyReplyIsAReply() {
        PendingReplies pending = pending(64);
        List<ReplySink> slots = append(pending, 3);

        reply(slots.get(1), "", true);
        reply(slots.get(2), "+third\r\n", true);
        reply(slots.get(0), "", true);

        assertThat(OutBytes.takeAll(out)).isEqualTo("+third\r\n");
        assertThat(pending.size()).isZero();
    }

    private ClientCounts counts() {
        return new ClientCounts(Counting.board(0).counters(0, 0), new LoopClock(System::nanoTime), out);
    }

    private static Protocol protocol() {
        return new RespProtocol(new RespLimits(1024, 64, 64), null, 0, InstantSource.system());
    }

    private static List<ReplySink> append(PendingReplies pending, int count) {
        List<ReplySink> slots = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            slots.add(pending.append(true, true));
        }
        return slots;
    }

    private static void reply(ReplySink slot, String text, boolean last) {
        ByteBuf source = Unpooled.wrappedBuffer(RespFrames.bytes("??" + text + "??"));
        slot.onReply(source, 2, text.length(), last);
    }

    private static String text(int reply) {
        return "+reply " + reply + "\r\n";
    }

    private static String overflow(int maxHeldBytes) {
        return "-ERR Server overloaded: replies held for this client exceed " + maxHeldBytes
                + " bytes (limits.client_held_bytes)\r\n";
    }

    /** A slot given back twice would be handed out twice; one never given back would be missing. */
    private void assertReturnedOnce(List<ReplySink> slots) {
        PendingReplies other = pending(1 << 20);
        Set<ReplySink> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < slots.size() * 2; i++) {
            assertThat(taken.add(other.append(true, true)))
                    .as("a slot was handed out twice")
                    .isTrue();
        }
        assertThat(taken).containsAll(slots);
        taken.forEach(slot -> reply(slot, "", true));
        OutBytes.takeAll(out);
    }

    private static List<List<Integer>> permutations(List<Integer> values) {
        if (values.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (Integer first : values) {
            List<Integer> others = new ArrayList<>(values);
            others.remove(first);
            for (List<Integer> tail : permutations(others)) {
                List<Integer> permutation = new ArrayList<>(List.of(first));
                permutation.addAll(tail);
                all.add(permutation);
            }
        }
        return all;
    }
}
