/** What the proxy counts, and the board where it can be read. A leaf: anyone may count. */
@NullMarked
package io.sluice.proxy.metrics;

import org.jspecify.annotations.NullMarked;
