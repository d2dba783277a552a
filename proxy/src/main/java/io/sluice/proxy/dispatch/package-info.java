/** One request to the owners of its keys, and their replies back to one. */
@NullMarked
package io.sluice.proxy.dispatch;

import org.jspecify.annotations.NullMarked;
