/** What every wire protocol has in common. */
@NullMarked
package io.sluice.proxy.protocol;

import org.jspecify.annotations.NullMarked;
