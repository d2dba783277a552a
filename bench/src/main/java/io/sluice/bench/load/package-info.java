/** Clients that load a target and say what they saw. */
@NullMarked
package io.sluice.bench.load;

import org.jspecify.annotations.NullMarked;
