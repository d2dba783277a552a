/** Bytes to number: the hash functions, byte-exact with twemproxy, codis and Redis Cluster. */
@NullMarked
package io.sluice.routing.hash;

import org.jspecify.annotations.NullMarked;
