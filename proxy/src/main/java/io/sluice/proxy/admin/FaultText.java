package io.sluice.proxy.admin;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.sluice.proxy.command.CommandTable;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.faults.FaultKind;
import io.sluice.proxy.faults.FaultOrder;
import io.sluice.proxy.protocol.memcache.MemcacheCommands;
import io.sluice.proxy.protocol.resp.RedisCommands;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what fault somebody asks for, as JSON, and tells everything that is wrong with it. */
final class FaultText {

    private static final Set<String> MEMBERS =
            Set.of("kind", "pool", "percent", "commands", "key_prefix", "server", "delay", "duration");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private final ProxyConfig config;
    private final List<String> problems;
    private JsonObject json = new JsonObject();

    FaultText(ProxyConfig config, List<String> problems) {
        this.config = config;
        this.problems = problems;
    }

    /** Empty if anything is wrong; then the problems say what. */
    Optional<FaultOrder> parse(String body) {
        JsonObject read = object(body);
        if (read == null) {
            problems.add("expected a JSON object such as {\"kind\": \"delay\", \"percent\": 10, \"delay\": \"200ms\"}");
            return Optional.empty();
        }
        json = read;
        json.keySet().stream()
                .filter(member -> !MEMBERS.contains(member))
                .forEach(member -> problems.add("unknown member; expected some of " + sorted(MEMBERS)));
        FaultOrder order = new FaultOrder(
                kind(),
                pool(),
                percent(),
                commands(),
                keyPrefix(),
                server(),
                duration("delay", FaultOrder.DEFAULT_DELAY, Duration.ofMillis(1), FaultOrder.MAX_DELAY),
                duration("duration", FaultOrder.DEFAULT_DURATION, FaultOrder.MIN_DURATION, FaultOrder.MAX_DURATION));
        if (json.has("delay") && order.kind() != FaultKind.DELAY) {
            problems.add("delay: expected with the kind delay only");
        }
        return problems.isEmpty() ? Optional.of(order) : Optional.empty();
    }

    /** Null if it is none. Nesting is Gson's to bound. */
    private static @Nullable JsonObject object(String body) {
        try (JsonReader reader = new JsonReader(new StringReader(body))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            boolean isAll = reader.peek() == JsonToken.END_DOCUMENT;
            return isAll && element.isJsonObject() ? element.getAsJsonObject() : null;
        } catch (JsonParseException | IOException e) {
            return null;
        }
    }

    private FaultKind kind() {
        String word = text("kind");
        for (FaultKind kind : FaultKind.values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(word)) {
                return kind;
            }
        }
        problems.add("kind: expected delay, error or drop");
        return FaultKind.DELAY;
    }

    private @Nullable String pool() {
        String pool = text("pool");
        if (pool != null && pools(null).noneMatch(one -> one.name().equals(pool))) {
            problems.add("pool: there is none of this name; expected one of "
                    + sorted(pools(null).map(Pool::name).toList()));
        }
        return pool;
    }

    private Stream<Pool> pools(@Nullable String name) {
        return config.pools().stream()
                .filter(pool -> name == null || pool.name().equals(name));
    }

    private double percent() {
        JsonElement percent = json.get("percent");
        if (percent == null) {
            return 100;
        }
        boolean isNumber =
                percent.isJsonPrimitive() && percent.getAsJsonPrimitive().isNumber();
        double value = isNumber ? percent.getAsDouble() : 0;
        if (!(value > 0 && value <= 100)) {
            problems.add("percent: expected a number above 0 and up to 100");
        }
        return value;
    }

    private List<String> commands() {
        JsonElement commands = json.get("commands");
        if (commands == null) {
            return List.of();
        }
        if (!commands.isJsonArray() || commands.getAsJsonArray().size() > FaultOrder.MAX_COMMANDS) {
            problems.add("commands: expected a list of at most " + FaultOrder.MAX_COMMANDS + " names");
            return List.of();
        }
        return commandsOf(commands.getAsJsonArray());
    }

    private List<String> commandsOf(JsonArray names) {
        List<String> known = new ArrayList<>();
        for (JsonElement element : names) {
            String name = isText(element) ? element.getAsString().toLowerCase(Locale.ROOT) : "";
            if (tables().anyMatch(table -> has(table, name))) {
                known.add(name);
            } else {
                problems.add("commands: one of them is not known; expected names such as get or object|freq");
            }
        }
        return known;
    }

    private Stream<CommandTable> tables() {
        return pools(text("pool")).map(pool -> switch (pool.protocol()) {
            case REDIS -> RedisCommands.TABLE;
            case MEMCACHE -> MemcacheCommands.TABLE;
        });
    }

    private static boolean has(CommandTable table, String name) {
        return table.commands().stream().anyMatch(command -> command.name().equals(name));
    }

    private @Nullable String keyPrefix() {
        String prefix = text("key_prefix");
        if (prefix != null && prefix.getBytes(StandardCharsets.UTF_8).length > FaultOrder.MAX_PREFIX_BYTES) {
            problems.add("key_prefix: expected at most " + FaultOrder.MAX_PREFIX_BYTES + " bytes");
        }
        return prefix;
    }

    private @Nullable String server() {
        String server = text("server");
        if (server != null
                && pools(text("pool"))
                        .flatMap(pool -> pool.definition().servers().stream())
                        .noneMatch(one -> one.name().equals(server))) {
            problems.add("server: no server has this name; expected one that /topology lists");
        }
        return server;
    }

    private Duration duration(String member, Duration fallback, Duration min, Duration max) {
        String text = text(member);
        if (text == null) {
            return fallback;
        }
        Matcher matcher = DURATION.matcher(text);
        Duration read = matcher.matches() ? of(Long.parseLong(matcher.group(1)), matcher.group(2)) : Duration.ZERO;
        if (read.compareTo(min) < 0 || read.compareTo(max) > 0) {
            problems.add(member + ": expected a duration such as 200ms, 5s, 2m or 1h, from " + min.toMillis() + "ms to "
                    + max.toSeconds() + "s");
        }
        return read;
    }

    private static Duration of(long number, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    /** A member that is a text; null if it is missing, or something else, which is a problem. */
    private @Nullable String text(String member) {
        JsonElement element = json.get(member);
        if (element == null || isText(element)) {
            return element == null ? null : element.getAsString();
        }
        String problem = member + ": expected a text";
        if (!problems.contains(problem)) {
            problems.add(problem);
        }
        return null;
    }

    private static boolean isText(JsonElement element) {
        return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
    }

    private static String sorted(Iterable<String> words) {
        List<String> all = new ArrayList<>();
        words.forEach(all::add);
        all.sort(null);
        return String.join(", ", all);
    }
}
