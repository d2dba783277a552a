/** Figures, their medians and ratios, and how they are printed. */
@NullMarked
package io.sluice.bench.report;

import org.jspecify.annotations.NullMarked;
