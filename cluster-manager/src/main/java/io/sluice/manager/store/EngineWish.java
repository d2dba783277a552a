package io.sluice.manager.store;

import java.util.Locale;

/** Which engine somebody wants for a handoff. */
public enum EngineWish {
    /** The one that suits best. */
    AUTO,
    STREAM,
    TRACK,
    REPLICA;

    /** As it is written in orders, in requests and on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
