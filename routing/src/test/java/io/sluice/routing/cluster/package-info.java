@NullMarked
package io.sluice.routing.cluster;

import org.jspecify.annotations.NullMarked;
