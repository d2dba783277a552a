package io.sluice.manager.store;

import com.google.gson.JsonObject;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What somebody wants of a handoff, for whoever leads and brings it forward.
 *
 * @param engine which engine copies; counts when a copy begins
 * @param limits those that are not the manager's own
 * @param paused nothing is copied, frozen or cleaned
 */
public record Orders(EngineWish engine, Map<HandoffLimit, Long> limits, boolean paused) {

    /** Nobody has said anything. */
    public static final Orders NONE = new Orders(EngineWish.AUTO, Map.of(), false);

    private static final ScalarType<EngineWish> ENGINE =
            ScalarType.oneOf("an engine", List.of(EngineWish.values()), EngineWish::word);

    public Orders {
        Map<HandoffLimit, Long> own = new EnumMap<>(HandoffLimit.class);
        limits.forEach((limit, value) -> {
            if (value != HandoffLimit.AUTO) {
                own.put(limit, value);
            }
        });
        limits = Map.copyOf(own);
    }

    /** {@link HandoffLimit#AUTO} if it is the manager's own. */
    public long limit(HandoffLimit limit) {
        return limits.getOrDefault(limit, HandoffLimit.AUTO);
    }

    public Orders paused(boolean on) {
        return new Orders(engine, limits, on);
    }

    /** The same with these limits; {@link HandoffLimit#AUTO} takes one back. */
    public Orders with(Map<HandoffLimit, Long> changed) {
        Map<HandoffLimit, Long> all = new EnumMap<>(HandoffLimit.class);
        all.putAll(limits);
        all.putAll(changed);
        return new Orders(engine, all, paused);
    }

    /** What was said, in words; none if nothing was. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        if (engine != EngineWish.AUTO) {
            words.add("engine " + engine.word());
        }
        for (HandoffLimit limit : HandoffLimit.values()) {
            if (limits.containsKey(limit)) {
                words.add(limit.word() + " " + limit(limit));
            }
        }
        if (paused) {
            words.add("paused");
        }
        return words;
    }

    /** What is different in {@code after}, in words; none if nothing is. */
    public List<String> differences(Orders after) {
        List<String> words = new ArrayList<>();
        if (engine != after.engine) {
            words.add("engine " + engine.word() + " -> " + after.engine.word());
        }
        for (HandoffLimit limit : HandoffLimit.values()) {
            if (limit(limit) != after.limit(limit)) {
                words.add(limit.word() + " " + HandoffLimit.text(limit(limit)) + " -> "
                        + HandoffLimit.text(after.limit(limit)));
            }
        }
        if (paused != after.paused) {
            words.add(after.paused ? "paused" : "goes on");
        }
        return words;
    }

    // ---- as text

    /** The engine and the limits of a section; mistakes stay with it. */
    public static Orders wished(YamlSection section) {
        return new Orders(section.value("engine", EngineWish.AUTO, ENGINE), limitsOf(section), false);
    }

    /** Those limits that a section names, {@link HandoffLimit#AUTO} included; mistakes stay with it. */
    public static Map<HandoffLimit, Long> limitsOf(YamlSection section) {
        Map<HandoffLimit, Long> limits = new EnumMap<>(HandoffLimit.class);
        for (HandoffLimit limit : HandoffLimit.values()) {
            section.optional(limit.word(), limit.type()).ifPresent(value -> limits.put(limit, value));
        }
        return limits;
    }

    /** Throws {@link io.sluice.routing.config.ConfigException} if it is not what {@link #bytes} writes. */
    static Orders read(YamlSection document) {
        Orders read = wished(document).paused(document.value("paused", false, ScalarType.BOOLEAN));
        document.rejectUnknownKeys();
        document.throwIfMistaken();
        return read;
    }

    byte[] bytes() {
        JsonObject json = new JsonObject();
        json.addProperty("engine", engine.word());
        limits.forEach((limit, value) -> json.addProperty(limit.word(), value));
        json.addProperty("paused", paused);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
