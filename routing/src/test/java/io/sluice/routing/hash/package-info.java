@NullMarked
package io.sluice.routing.hash;

import org.jspecify.annotations.NullMarked;
