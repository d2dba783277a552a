package io.sluice.proxy.admin;

import com.google.gson.stream.JsonWriter;
import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** POST to {@code /reload}: reads the configuration file again, and says what became of it. Used by one thread. */
final class ReloadAction {

    /** How long an answer waits; a reload goes on behind it. */
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private final ProxyView proxy;

    ReloadAction(ProxyView proxy) {
        this.proxy = proxy;
    }

    CompletionStage<Page> run(String rest, String body) {
        if (!rest.isEmpty()) {
            return done(Page.text(404, "POST to /reload, with nothing behind it"));
        }
        if (!proxy.reloads().canBeAnswered()) {
            return done(Page.text(501, "this proxy has no configuration file that it could read again"));
        }
        return proxy.reloads()
                .ask()
                .<CompletionStage<Page>>map(reload -> reload.thenApply(this::page)
                        .completeOnTimeout(
                                Page.text(
                                        202,
                                        "the configuration is still being taken up; /topology shows what becomes of it"),
                                LIMIT.toMillis(),
                                TimeUnit.MILLISECONDS))
                .orElseGet(() -> done(Page.text(409, "a reload is under way already; try again when it is done")));
    }

    private static CompletableFuture<Page> done(Page page) {
        return CompletableFuture.completedFuture(page);
    }

    private Page page(Reload reload) {
        long epoch = proxy.status().get().epoch();
        int status = reload.result() == Result.REFUSED ? 422 : 200;
        return new Page(status, "application/json", JsonText.object("  ", json -> write(json, reload, epoch)) + "\n");
    }

    private static void write(JsonWriter json, Reload reload, long epoch) throws IOException {
        json.name("result").value(reload.result().name().toLowerCase(Locale.ROOT));
        json.name("epoch").value(epoch);
        json.name("at").value(reload.at().toString());
        json.name(reload.result() == Result.REFUSED ? "problems" : "plan").beginArray();
        for (String line : reload.message().split("\n", -1)) {
            json.value(line);
        }
        json.endArray();
    }
}
