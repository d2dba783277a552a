/** Fixtures around a real proxy in this JVM. */
@NullMarked
package io.sluice.proxy.testing;

import org.jspecify.annotations.NullMarked;
