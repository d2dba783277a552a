/**
 * What the two planes tell each other through ZooKeeper: who owns what in a cluster at one epoch, and which proxy serves
 * which epoch. Immutable values and their texts.
 */
@NullMarked
package io.sluice.routing.cluster;

import org.jspecify.annotations.NullMarked;
