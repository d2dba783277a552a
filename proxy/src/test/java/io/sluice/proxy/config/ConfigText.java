package io.sluice.proxy.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ConfigProblem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Configuration files as tests write them. */
final class ConfigText {
    /** The folder that ships with Sluice; surefire sets {@code basedir} to the module's. */
    static final Path CONF = Path.of(System.getProperty("basedir", ".")).resolve("../conf");

    private ConfigText() {}

    static ProxyConfig read(String text) {
        return ProxyConfigFile.parse("f.yml", text.getBytes(StandardCharsets.UTF_8));
    }

    static List<ConfigProblem> problems(String text) {
        ConfigException refusal = catchThrowableOfType(ConfigException.class, () -> read(text));
        if (refusal == null) {
            throw new AssertionError("accepted:\n" + text);
        }
        return refusal.problems();
    }

    /** A twemproxy file of one good pool, {@code alpha}, with further lines in it. */
    static String twemproxyPool(String... lines) {
        return "alpha:\n  listen: 127.0.0.1:22121\n  redis: true\n  servers:\n   - 127.0.0.1:6379:1\n"
                + indented("  ", lines);
    }

    /** A file of Sluice's own kind with one good pool, {@code alpha}, and further lines in it. */
    static String ownPool(String... lines) {
        return "pools:\n  alpha:\n    listen: 127.0.0.1:22121\n    servers:\n      - 127.0.0.1:6379:1\n"
                + indented("    ", lines);
    }

    private static String indented(String indent, String... lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(indent).append(line).append('\n');
        }
        return text.toString();
    }
}
