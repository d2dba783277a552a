/**
 * Clients that can tell when a store behaves wrongly: writes that are lost, reads that are old, elements that come twice.
 * What they expect follows from their own requests alone, whatever happens to proxies and servers meanwhile.
 */
@NullMarked
package io.sluice.testing.workload;

import org.jspecify.annotations.NullMarked;
