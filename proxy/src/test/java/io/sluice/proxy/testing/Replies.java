package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.AbstractStringAssert;
import org.jspecify.annotations.Nullable;

/** What tests of faults ask of replies. */
public final class Replies {

    private static final Pattern WAITED = Pattern.compile("waited=(\\d+)ms");

    private Replies() {}

    /** Fails unless the reply is an error: neither a value nor nil. */
    public static AbstractStringAssert<?> assertError(@Nullable Object reply) {
        if (reply instanceof RespError error) {
            return assertThat(error.message());
        }
        throw new AssertionError("Expected an error, got " + reply);
    }

    /** The next reply, waited for on a thread of its own. */
    public static CompletableFuture<@Nullable Object> arriving(RespClient client) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return client.receive();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    public static List<@Nullable Object> receive(RespClient client, int count) throws IOException {
        List<@Nullable Object> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replies.add(client.receive());
        }
        return replies;
    }

    public static long millisSince(long startNanos) {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    /** What an error says after {@code waited=}. */
    public static long millisWaited(String error) {
        Matcher waited = WAITED.matcher(error);
        assertThat(waited.find()).as(error).isTrue();
        return Long.parseLong(waited.group(1));
    }
}
