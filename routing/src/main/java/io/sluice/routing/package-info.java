/** The answer to "who owns this key". Pure: values and functions, no sockets, no threads, no clock. */
@NullMarked
package io.sluice.routing;

import org.jspecify.annotations.NullMarked;
