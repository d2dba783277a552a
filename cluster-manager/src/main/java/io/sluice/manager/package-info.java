/** The control plane: keeps a cluster's topology in ZooKeeper and changes it, one manager at a time. */
@NullMarked
package io.sluice.manager;

import org.jspecify.annotations.NullMarked;
