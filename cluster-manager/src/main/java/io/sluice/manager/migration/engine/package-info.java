/** Data movers: they bring the keys of some slots from one running server to another, and keep up with what is written. */
@NullMarked
package io.sluice.manager.migration.engine;

import org.jspecify.annotations.NullMarked;
