@NullMarked
package io.sluice.bench.target;

import org.jspecify.annotations.NullMarked;
