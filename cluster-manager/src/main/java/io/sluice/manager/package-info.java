/** The control plane: writes topologies and moves slots. A skeleton for now. */
@NullMarked
package io.sluice.manager;

import org.jspecify.annotations.NullMarked;
