package io.sluice.testing;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A redis-server in a container, where no program is at hand but Docker is. It shares the host's network, so ports and
 * addresses are those of a local server; unix sockets and {@link #pid} are not to be had.
 */
final class RedisContainer implements RunningRedis {

    private static final Logger log = LoggerFactory.getLogger(RedisContainer.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final GenericContainer<?> container;

    private RedisContainer(GenericContainer<?> container) {
        this.container = container;
    }

    /** Empty where there is no Docker. */
    static Optional<RunningRedis> start(List<String> commandLine) {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.empty();
        }
        log.info("Starting redis-server: source=container");
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse("redis:7.0"))
                .withNetworkMode("host")
                .withCommand(commandLine.toArray(String[]::new));
        container.start();
        return Optional.of(new RedisContainer(container));
    }

    @Override
    public void awaitReady(BooleanSupplier answers) {
        Awaitility.await("container is ready").atMost(START_LIMIT).until(answers::getAsBoolean);
    }

    @Override
    public long pid() {
        throw new UnsupportedOperationException("A container has no process id here");
    }

    @Override
    public void signal(String name) {
        var docker = container.getDockerClient();
        docker.killContainerCmd(container.getContainerId()).withSignal(name).exec();
    }

    @Override
    public void kill() {
        signal("KILL");
    }

    @Override
    public void close() {
        container.stop();
    }
}
