package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Compares two servers key by key; shares no code with what it judges. */
final class ServerComparison {

    private static final long EXPIRY_TOLERANCE_MILLIS = 100;

    private final RespClient source;
    private final RespClient target;

    ServerComparison(RespClient source, RespClient target) {
        this.source = source;
        this.target = target;
    }

    /** All moving keys are the same on both, and there are at least so many; the target has no others. Returns the count. */
    int check(KeyFilter moving, int least) throws IOException {
        int count = 0;
        for (int database = 0; database < 2; database++) {
            select(database);
            Set<String> names = names(source, moving);
            assertThat(differing(names))
                    .as("keys on the source that differ, database %s", database)
                    .isEmpty();
            select(database);
            Set<String> remaining = names(source, moving); // some may have expired
            Set<String> all = names(target, KeyFilter.everything());
            all.removeAll(names);
            assertThat(staying(all))
                    .as("keys only on the target, database %s", database)
                    .isEmpty();
            count += remaining.size();
        }
        select(0);
        assertThat(count).isGreaterThanOrEqualTo(least);
        return count;
    }

    /** Those that are not about to expire: no key expires on the target before it does on the source. */
    private Set<String> staying(Set<String> names) throws IOException {
        Set<String> staying = new TreeSet<>();
        for (String name : names) {
            long left = Ask.number(target, "PTTL", name);
            if (left == -1 || left > EXPIRY_TOLERANCE_MILLIS) {
                staying.add(name);
            }
        }
        return staying;
    }

    private void select(int database) throws IOException {
        source.call("SELECT", String.valueOf(database));
        target.call("SELECT", String.valueOf(database));
    }

    static Set<String> names(RespClient client, KeyFilter moving) throws IOException {
        return Ask.texts(client, "KEYS", "*").stream()
                .filter(name -> moving.moves(name.getBytes(StandardCharsets.ISO_8859_1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> differing(Set<String> names) throws IOException {
        Set<String> differing = new TreeSet<>();
        for (String name : names) {
            String difference = difference(name);
            if (!difference.isEmpty() && isThere(name)) {
                differing.add(name + ": " + difference);
            }
        }
        return differing;
    }

    private boolean isThere(String name) throws IOException {
        return Long.valueOf(1).equals(source.call("EXISTS", name));
    }

    private String difference(String name) throws IOException {
        String type = Ask.text(source, "TYPE", name);
        String other = Ask.text(target, "TYPE", name);
        if (!type.equals(other)) {
            return type + ", " + other;
        }
        long from = Ask.number(source, "PEXPIRETIME", name);
        long to = Ask.number(target, "PEXPIRETIME", name);
        if ((from < 0) != (to < 0) || Math.abs(from - to) > EXPIRY_TOLERANCE_MILLIS) {
            return "expires at " + from + ", " + to;
        }
        if (!same("DEBUG", "DIGEST-VALUE", name)) {
            return type + " with another value";
        }
        boolean groups = !type.equals("stream") || sameGroups(name);
        return groups ? "" : "stream with other groups";
    }

    private boolean sameGroups(String name) throws IOException {
        Object groups = source.call("XINFO", "GROUPS", name);
        return Objects.equals(groups, target.call("XINFO", "GROUPS", name))
                && (List.of().equals(groups) || same("XPENDING", name, "group"));
    }

    private boolean same(String... command) throws IOException {
        return Objects.equals(source.call(command), target.call(command));
    }
}
