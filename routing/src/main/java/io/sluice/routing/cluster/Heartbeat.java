package io.sluice.routing.cluster;

import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import java.nio.charset.StandardCharsets;

/**
 * That a proxy lives, and which epoch it serves: at {@link ZnodePaths#heartbeat}. It is the acknowledgement, too.
 *
 * @param incarnation as registered
 * @param sequence grows with every heartbeat of an incarnation
 * @param applied every event loop routes by this epoch, and nothing it does depends on an older one
 * @param refused the newest epoch that it cannot serve; 0 if there is none
 * @param reason why not; empty if there is none
 */
public record Heartbeat(String incarnation, long sequence, long applied, long refused, String reason) {

    /** Reads it; keys that a later version may have are passed over. Throws a {@link ConfigException}. */
    public static Heartbeat parse(String name, byte[] bytes) {
        YamlSection document = YamlReader.parse(name, bytes);
        Heartbeat read = new Heartbeat(
                document.value("incarnation", "", ScalarType.TEXT),
                document.value("sequence", 0L, TopologyReader.COUNT),
                document.value("applied", 0L, TopologyReader.COUNT),
                document.value("refused", 0L, TopologyReader.COUNT),
                document.scalar("reason", "a text").map(text -> text.text()).orElse(""));
        document.throwIfMistaken();
        return read;
    }

    public byte[] bytes() {
        return JsonLines.object(document -> {
                    document.add("incarnation", incarnation)
                            .add("sequence", sequence)
                            .add("applied", applied);
                    if (refused > 0) {
                        document.add("refused", refused).add("reason", reason);
                    }
                })
                .getBytes(StandardCharsets.UTF_8);
    }
}
