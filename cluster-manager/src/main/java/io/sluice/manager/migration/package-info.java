/**
 * Slots on their way from one shard to another: the steps, the barrier, and what becomes of them when something fails. The
 * topology is the only truth about it; nothing is remembered elsewhere that matters. How keys are copied is behind
 * {@link io.sluice.manager.migration.Mover}.
 */
@NullMarked
package io.sluice.manager.migration;

import org.jspecify.annotations.NullMarked;
