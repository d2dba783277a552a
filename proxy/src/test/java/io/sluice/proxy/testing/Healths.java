package io.sluice.proxy.testing;

import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.health.HealthRule;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;

/** Boards for servers whose health is not what a test is about. */
public final class Healths {

    private Healths() {}

    /** One that ejects nobody. */
    public static HealthBoard trusting(String... names) {
        List<Server> servers = List.of(names).stream()
                .map(name -> new Server(name, ServerAddress.tcp(name + ".invalid", 6379), 1))
                .toList();
        return new HealthBoard(
                "alpha",
                servers,
                HealthRule.NONE,
                new HealthBoard.Surroundings(
                        (delay, task) -> {}, InstantSource.system(), System::nanoTime, new SplittableRandom(1)),
                (server, done) -> {},
                shares -> {});
    }
}
