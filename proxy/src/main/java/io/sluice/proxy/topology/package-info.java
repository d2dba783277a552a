/**
 * The proxy as a member of a cluster: follows its topology in ZooKeeper, tells there that it lives and what it serves by,
 * and goes on without ZooKeeper. Known to nobody but the wiring.
 */
@NullMarked
package io.sluice.proxy.topology;

import org.jspecify.annotations.NullMarked;
