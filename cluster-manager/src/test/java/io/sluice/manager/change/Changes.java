package io.sluice.manager.change;

import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Topologies to change, and what came of it. */
final class Changes {

    /** Slot pool "sessions" with two shards, ring pools "pages" (memcache) and "store" (redis). */
    static final Topology TWO_SHARDS = parse("""
            format: 1
            epoch: 7
            term: 3
            pools:
              sessions:
                distribution: slots
                shards:
                  s1: {primary: "10.0.0.1:6379", replicas: ["10.0.0.2:6379"], owns: 0-8191}
                  s2: {primary: "10.0.0.3:6379", owns: 8192-16000}
                  s3: {primary: "10.0.0.4:6379"}
              pages:
                protocol: memcache
                servers: ["10.0.0.5:11211:1 alpha", "10.0.0.6:11211:1 beta"]
              store:
                servers: ["10.0.0.7:6379:1 alpha", "10.0.0.8:6379:1 beta"]
            """);

    /** The same with slots 100-199 on their way from s1 to s2. */
    static final Topology MOVING =
            parse(TopologyDocument.text(TWO_SHARDS).replaceFirst("(?s)(\"owns\": \"\"\\s+}\\s+})", """
                    $1, "handoffs": {"h-42": {"state": "COPY", "slots": "100-199", "from": "s1", "to": "s2"}}"""));

    private Changes() {}

    static Topology parse(String text) {
        return TopologyDocument.parse("test", text.getBytes(StandardCharsets.UTF_8));
    }

    static ServerAddress address(String text) {
        return AddressText.tcp(text).orElseThrow();
    }

    /** The lines of the plan. */
    static List<String> lines(Topology before, TopologyChange change) throws ChangeRefusedException {
        return TopologyDiff.between(before, change.applyTo(before)).lines();
    }

    static List<String> warnings(Topology before, TopologyChange change) throws ChangeRefusedException {
        return TopologyDiff.between(before, change.applyTo(before)).warnings();
    }

    /** Why it is refused. */
    static String refusal(Topology before, TopologyChange change) {
        try {
            change.applyTo(before);
        } catch (ChangeRefusedException refused) {
            return String.join("\n", refused.reasons());
        }
        throw new AssertionError(change.title() + " was not refused");
    }
}
