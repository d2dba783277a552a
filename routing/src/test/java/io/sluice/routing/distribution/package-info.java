@NullMarked
package io.sluice.routing.distribution;

import org.jspecify.annotations.NullMarked;
