package io.sluice.proxy.tls;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What certificates were read for. */
public interface Expiring {

    /** When the first of its own certificates is no longer believed; null if it has none. */
    @Nullable Instant notAfter();
}
