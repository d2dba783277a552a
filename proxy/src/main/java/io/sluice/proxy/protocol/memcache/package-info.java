/** The memcached text protocol. */
@NullMarked
package io.sluice.proxy.protocol.memcache;

import org.jspecify.annotations.NullMarked;
