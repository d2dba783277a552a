package io.sluice.proxy.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which transport is used, and why not one before it.
 *
 * @param passedOver "io_uring (reason)" for each transport that was tried first
 */
public record TransportChoice(Transport transport, List<String> passedOver) {

    public TransportChoice {
        passedOver = List.copyOf(passedOver);
    }

    /** Takes the first transport that works here. */
    public static TransportChoice first() {
        List<String> passedOver = new ArrayList<>();
        for (Transport transport : Transport.values()) {
            Optional<String> reason = transport.unavailableBecause();
            if (reason.isEmpty()) {
                return new TransportChoice(transport, passedOver);
            }
            passedOver.add(name(transport) + " (" + reason.get() + ")");
        }
        throw new IllegalStateException("NIO is always available");
    }

    /** The name that the configuration knows it by. */
    public String name() {
        return name(transport);
    }

    /** One line for people: what is used, and what was not and why. */
    public String describe() {
        return passedOver.isEmpty()
                ? name(transport)
                : name(transport) + "; not available: " + String.join(", ", passedOver);
    }

    private static String name(Transport transport) {
        return switch (transport) {
            case IO_URING -> "io_uring";
            case EPOLL -> "epoll";
            case NIO -> "nio";
        };
    }
}
