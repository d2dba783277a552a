/** Rings that change their servers: steps, barriers, and what has to be done at the servers. */
@NullMarked
package io.sluice.manager.migration.ring;

import org.jspecify.annotations.NullMarked;
