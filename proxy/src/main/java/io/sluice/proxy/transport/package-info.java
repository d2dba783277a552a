/** Sockets and event loops, behind one small seam, so that the rest does not know which kernel interface carries the bytes. */
@NullMarked
package io.sluice.proxy.transport;

import org.jspecify.annotations.NullMarked;
