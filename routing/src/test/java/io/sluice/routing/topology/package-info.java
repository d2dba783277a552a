@NullMarked
package io.sluice.routing.topology;

import org.jspecify.annotations.NullMarked;
