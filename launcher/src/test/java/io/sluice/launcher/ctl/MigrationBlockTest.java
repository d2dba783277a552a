package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.Answers.CopyAnswer;
import io.sluice.manager.api.Answers.LimitsAnswer;
import io.sluice.manager.api.Answers.MigrationAnswer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MigrationBlockTest {

    private static final CopyAnswer COPY = new CopyAnswer(
            "stream",
            "large and busy keys do no harm",
            "copying",
            0.455,
            1_234_567,
            2_500_000_000L,
            48_211,
            24_500_000,
            12_400,
            0,
            3_400_000,
            12_300L,
            0.42,
            new LimitsAnswer(50_000, 50 << 20, 1000, 4L << 30, 5, 0.7));

    private static MigrationAnswer move(
            String state,
            String step,
            double done,
            @Nullable CopyAnswer copy,
            List<String> waits,
            @Nullable String error) {
        return new MigrationAnswer(
                "m-20261121-140312-k3f9",
                "cache",
                "0-511",
                "s1",
                "s2",
                state,
                false,
                step,
                waits,
                done,
                1,
                null,
                37L,
                copy,
                error);
    }

    @Test
    void manyMovesFitATerminalAndThoseThatHaveBegunComeFirst() {
        MigrationAnswer waiting = move("waiting", "waits for its turn", 0, null, List.of("shard s1 takes part"), null);
        MigrationAnswer copying = move("copy", "copying", 0.45, COPY, List.of(), null);
        List<MigrationAnswer> many = new ArrayList<>(Collections.nCopies(1000, waiting));
        many.add(copying);

        List<String> lines = MigrationBlock.of(many);

        assertThat(lines).hasSizeLessThanOrEqualTo(MigrationBlock.HEIGHT);
        assertThat(lines).startsWith(MigrationBlock.of(copying).toArray(String[]::new));
        assertThat(lines).endsWith("... and 995 more: 'sluice ctl migrations' shows all");
        assertThat(MigrationBlock.of(List.of(waiting, copying))).hasSize(3 + 5);
    }

    @Test
    void aCopyIsABarAndItsAmounts() {
        assertThat(MigrationBlock.of(move("copy", "copying", 0.45, COPY, List.of(), null)))
                .containsExactly("""
                m-20261121-140312-k3f9   s1 -> s2   slots 0-511
                  [========>           ]  45 %   copying, about 13 s left, freeze 1 took 37 ms
                  stream  1,234,567 keys  2.3 GiB  48,211 keys/s  23.4 MiB/s
                  lag 12.1 KiB  spool 3.2 MiB  target's ping 0.4 ms
                  at most 50,000 keys/s, 50.0 MiB/s, slowed to 70 %""".lines().toArray(String[]::new));
    }

    @Test
    void theBarIsFullOnlyAtTheEnd() {
        assertThat(MigrationBlock.of(move("copy", "following", 0.99, null, List.of(), null))
                        .get(1))
                .startsWith("  [==================> ]  99 %   following");
        assertThat(MigrationBlock.of(move("switched", "switched", 1, null, List.of(), null))
                        .get(1))
                .startsWith("  [====================] 100 %   switched");
        assertThat(MigrationBlock.of(move("copy", "copying", 0, null, List.of(), null))
                        .get(1))
                .startsWith("  [                    ]   0 %");
    }

    @Test
    void whatItWaitsForAndWhatWentWrongFitsIntoALineEach() {
        List<String> lines = MigrationBlock.of(
                move("copy", "following", 0.99, null, List.of("proxy p1 is silent for 1200 ms"), "x".repeat(200)));

        assertThat(lines.get(2)).isEqualTo("  waits: proxy p1 is silent for 1200 ms");
        assertThat(lines.get(3)).startsWith("  last error: xxx").endsWith("...").hasSize(79);
    }

    @Test
    void aBlockIsWrittenAnewInItsPlace() {
        StringWriter out = new StringWriter();
        LiveBlock block = new LiveBlock(new PrintWriter(out));

        block.show(List.of("one", "two"));
        block.show(List.of("three"));

        assertThat(out.toString())
                .isEqualTo("\rone\u001b[K\ntwo\u001b[K\n\u001b[J" + "\u001b[2A\rthree\u001b[K\n\u001b[J");
    }

    @Test
    void amountsAreShort() {
        assertThat(List.of(Amount.bytes(0), Amount.bytes(1023), Amount.bytes(1024), Amount.bytes(300 << 20)))
                .containsExactly("0 B", "1023 B", "1.0 KiB", "300 MiB");
        assertThat(Amount.bytes((1L << 30) - 1)).isEqualTo("1.0 GiB");
        assertThat(List.of(Amount.time(1), Amount.time(99_000), Amount.time(600_000), Amount.time(9_000_000)))
                .containsExactly("1 s", "99 s", "10 min", "2 h 30 min");
    }
}
