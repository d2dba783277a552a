package io.sluice.proxy.session;

/** Where clients go that another process is to go on with. Called by event loops; thread-safe. */
public interface Departure {

    /** One more client will go, or its connection will end before. */
    void expect();

    /** One of them will not go: its connection has ended, or must end. */
    void forget();

    /**
     * Gives a client away of which nothing is under way, at once. It is the other process's then, and its connection
     * is to be closed here.
     *
     * @param carried the state of its session
     * @param descriptor of its socket, which stays open during the call
     * @param unread what has been read of it and not been handled
     * @return whether the other process has it
     */
    boolean depart(long client, String carried, int descriptor, byte[] unread);
}
