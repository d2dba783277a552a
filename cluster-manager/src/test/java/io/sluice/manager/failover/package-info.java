/** Tests of following primaries. */
@NullMarked
package io.sluice.manager.failover;

import org.jspecify.annotations.NullMarked;
