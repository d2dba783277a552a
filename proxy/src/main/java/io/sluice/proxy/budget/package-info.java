/** Who holds how many bytes of the proxy's memory, and who must wait or go when it is too much. */
@NullMarked
package io.sluice.proxy.budget;

import org.jspecify.annotations.NullMarked;
