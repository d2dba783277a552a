/** Which servers to trust. A leaf. */
@NullMarked
package io.sluice.proxy.health;

import org.jspecify.annotations.NullMarked;
