/** Requests for keys of a cache that may be on either of two servers, since their ring is on its way to other servers. */
@NullMarked
package io.sluice.proxy.dispatch.window;

import org.jspecify.annotations.NullMarked;
