/** Rings that change, brought forward in memory, and what is done at real servers. */
@NullMarked
package io.sluice.manager.migration.ring;

import org.jspecify.annotations.NullMarked;
