/** A cluster in memory, for tests of what stands on one. */
@NullMarked
package io.sluice.manager.testing;

import org.jspecify.annotations.NullMarked;
