/** A start of the proxy on its own, so that the JVM can note what a start needs. */
@NullMarked
package io.sluice.launcher.training;

import org.jspecify.annotations.NullMarked;
