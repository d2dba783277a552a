/** A ZooKeeper within the manager's process, for clusters that have no other. */
@NullMarked
package io.sluice.manager.embedded;

import org.jspecify.annotations.NullMarked;
