package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.CONF;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that were damaged at random are either read or refused; nothing else may happen. */
class MutatedConfigTest {
    private static final int MUTANTS = 400;
    private static final int MAX_MUTATIONS = 6;
    /** What YAML gives a meaning to, and what makes numbers go wrong. */
    private static final String ODD = ":-{}[]&*!|>'\"%@`,?#~<\t \n\r.0919_/=\u0000\u00e9\uFEFF\u2028";

    @ParameterizedTest
    @CsvSource({
        "sluice.yaml, 1",
        "sluice.yaml, 2",
        "nutcracker.yml, 3",
        "nutcracker.yml, 4",
        "slots.yaml, 5",
        "slots.yaml, 6"
    })
    void isReadOrRefused(String name, long seed) throws IOException {
        byte[] good = Files.readAllBytes(CONF.resolve(name));
        Random random = new Random(seed);
        int refused = 0;

        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = mutated(good, random);
            refused += isRefused(mutant, "seed " + seed + ", mutant " + i) ? 1 : 0;
        }

        assertThat(refused).isBetween(MUTANTS / 10, MUTANTS - 1);
    }

    private static boolean isRefused(byte[] mutant, String which) {
        try {
            assertThat(ProxyConfigFile.parse("f.yml", mutant).pools()).as(which).isNotEmpty();
            return false;
        } catch (ConfigException refusal) {
            assertThat(refusal.problems()).as(which).isNotEmpty().isSorted();
            assertThat(refusal.getMessage().lines())
                    .as(which)
                    .allSatisfy(line ->
                            assertThat(line).startsWith("f.yml").doesNotContain("org.yaml", "java.", "Exception"));
            return true;
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(which + ":\n" + new String(mutant, StandardCharsets.UTF_8), e);
        }
    }

    private static byte[] mutated(byte[] good, Random random) {
        byte[] mutant = good;
        for (int i = random.nextInt(MAX_MUTATIONS) + 1; i > 0; i--) {
            mutant = random.nextBoolean() ? byteMutated(mutant, random) : lineMutated(mutant, random);
        }
        return mutant;
    }

    private static byte[] byteMutated(byte[] from, Random random) {
        String text = new String(from, StandardCharsets.ISO_8859_1);
        int at = random.nextInt(text.length() + 1);
        int to = random.nextBoolean() ? at : Math.min(text.length(), at + random.nextInt(8));
        byte[] odd = String.valueOf(ODD.charAt(random.nextInt(ODD.length()))).getBytes(StandardCharsets.UTF_8);
        String inserted = random.nextInt(4) == 0 ? "" : new String(odd, StandardCharsets.ISO_8859_1);
        return (text.substring(0, at) + inserted + text.substring(to)).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] lineMutated(byte[] from, Random random) {
        List<String> lines = new ArrayList<>(
                new String(from, StandardCharsets.ISO_8859_1).lines().toList());
        if (lines.isEmpty()) {
            return from;
        }
        String line = lines.get(random.nextInt(lines.size()));
        switch (random.nextInt(3)) {
            case 0 -> lines.remove(line);
            case 1 -> lines.add(random.nextInt(lines.size()), line);
            default -> lines.add(random.nextInt(lines.size()), " ".repeat(random.nextInt(6)) + line.strip());
        }
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
