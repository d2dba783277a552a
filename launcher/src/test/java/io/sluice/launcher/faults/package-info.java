/** Faults of managers and of ZooKeeper while slots move: the rows B, C and D of the handoff's acceptance list. */
@NullMarked
package io.sluice.launcher.faults;

import org.jspecify.annotations.NullMarked;
