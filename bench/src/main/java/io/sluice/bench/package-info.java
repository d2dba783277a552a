/** The commands of the bench: what to start, in which order to load it, what to print. */
@NullMarked
package io.sluice.bench;

import org.jspecify.annotations.NullMarked;
