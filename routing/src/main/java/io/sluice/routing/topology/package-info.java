/** Which servers there are. Immutable values. */
@NullMarked
package io.sluice.routing.topology;

import org.jspecify.annotations.NullMarked;
