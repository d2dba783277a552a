/** The Redis protocol (RESP2 and inline commands), seen through Protocol. */
@NullMarked
package io.sluice.proxy.protocol.resp;

import org.jspecify.annotations.NullMarked;
