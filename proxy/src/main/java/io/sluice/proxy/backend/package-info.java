/** Pipelined connections to servers: first asked, first answered. */
@NullMarked
package io.sluice.proxy.backend;

import org.jspecify.annotations.NullMarked;
