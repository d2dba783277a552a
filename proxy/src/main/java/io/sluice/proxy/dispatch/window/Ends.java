package io.sluice.proxy.dispatch.window;

import io.sluice.proxy.backend.Backend;
import org.jspecify.annotations.Nullable;

/**
 * The two servers on which a key may be.
 *
 * @param home carries requests out
 * @param other where the key may be as well; null if that server is not to be asked any more
 */
public record Ends(Backend home, @Nullable Backend other) {}
