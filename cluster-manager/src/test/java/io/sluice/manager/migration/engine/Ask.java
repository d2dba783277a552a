package io.sluice.manager.migration.engine;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/** Requests whose replies are known to be of a kind. */
final class Ask {

    private Ask() {}

    static String text(RespClient client, String... request) throws IOException {
        return (String) Objects.requireNonNull(client.call(request));
    }

    static long number(RespClient client, String... request) throws IOException {
        return (Long) Objects.requireNonNull(client.call(request));
    }

    static List<String> texts(RespClient client, String... request) throws IOException {
        List<?> all = (List<?>) Objects.requireNonNull(client.call(request));
        return all.stream().map(String.class::cast).toList();
    }
}
