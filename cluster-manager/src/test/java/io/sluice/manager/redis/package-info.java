/** Tests of asking servers. */
@NullMarked
package io.sluice.manager.redis;

import org.jspecify.annotations.NullMarked;
