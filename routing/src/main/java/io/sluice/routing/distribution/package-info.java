/** Number to server: ketama, modula, random, fixed slots. */
@NullMarked
package io.sluice.routing.distribution;

import org.jspecify.annotations.NullMarked;
