/** The demo: Redis servers of its own, a proxy in front of them, and a banner that says what to try. */
@NullMarked
package io.sluice.launcher.demo;

import org.jspecify.annotations.NullMarked;
