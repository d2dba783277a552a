@NullMarked
package io.sluice.bench.load;

import org.jspecify.annotations.NullMarked;
