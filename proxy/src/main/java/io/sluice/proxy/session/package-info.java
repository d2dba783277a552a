/** Client connections: requests in, replies out in request order. */
@NullMarked
package io.sluice.proxy.session;

import org.jspecify.annotations.NullMarked;
