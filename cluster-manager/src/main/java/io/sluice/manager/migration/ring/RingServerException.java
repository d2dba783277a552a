package io.sluice.manager.migration.ring;

/** A server of a ring cannot be asked, or does not do what it has to; the message names it. */
final class RingServerException extends Exception {

    private static final long serialVersionUID = 1;

    RingServerException(String message) {
        super(message);
    }
}
