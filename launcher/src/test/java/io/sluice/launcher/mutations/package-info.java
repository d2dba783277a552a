/**
 * The test of the tests: checks that keep moves of slots safe are switched off one by one, in the running classes, and
 * tests must fail each time. The product has no switch for it.
 */
@NullMarked
package io.sluice.launcher.mutations;

import org.jspecify.annotations.NullMarked;
