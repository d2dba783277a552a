package io.sluice.manager.failover;

import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What sentinels call the shards: by a rule, with exceptions.
 *
 * @param rule with {@code {pool}} and {@code {shard}} for their names
 * @param exceptions by pool, then by shard
 */
public record MasterNames(String rule, Map<String, Map<String, String>> exceptions) {

    /** The shard's own name: enough as long as no two pools have shards of the same name. */
    public static final MasterNames DEFAULT = new MasterNames("{shard}", Map.of());

    private static final String SHARD = "{shard}";
    private static final String POOL = "{pool}";

    /** What sentinel.c lets a master be called. */
    private static final ScalarType<String> NAME =
            ScalarType.of("a master's name", "letters, digits, dots, hyphens and underscores", MasterNames::name);

    private static final ScalarType<String> RULE = ScalarType.of(
            "a rule for names", "a name with {shard} in it, and perhaps {pool}, in quotes", MasterNames::rule);

    public MasterNames {
        exceptions = Map.copyOf(exceptions);
    }

    static MasterNames read(YamlSection sentinel) {
        String rule = sentinel.value("master_name", DEFAULT.rule, RULE);
        Map<String, Map<String, String>> exceptions = new LinkedHashMap<>();
        sentinel.section("masters", "names of pools, with the masters of their shards")
                .ifPresent(pools -> {
                    for (String pool : pools.keys()) {
                        pools.section(pool, "names of shards, each with what sentinels call it")
                                .ifPresent(shards -> exceptions.put(pool, masters(shards)));
                    }
                });
        return new MasterNames(rule, exceptions);
    }

    private static Map<String, String> masters(YamlSection shards) {
        Map<String, String> masters = new LinkedHashMap<>();
        for (String shard : shards.keys()) {
            shards.optional(shard, NAME).ifPresent(master -> masters.put(shard, master));
        }
        return Map.copyOf(masters);
    }

    private static Optional<String> name(String text) {
        return text.matches("[A-Za-z0-9._-]+") ? Optional.of(text) : Optional.empty();
    }

    private static Optional<String> rule(String text) {
        return Optional.of(text)
                .filter(rule -> rule.contains(SHARD))
                .filter(rule ->
                        name(rule.replace(SHARD, "s").replace(POOL, "p")).isPresent());
    }

    /** What sentinels call that shard. */
    public String of(String pool, String shard) {
        String exception = exceptions.getOrDefault(pool, Map.of()).get(shard);
        return exception == null ? rule.replace(POOL, pool).replace(SHARD, shard) : exception;
    }
}
