/** Changes of a topology: compared, planned, applied, written down. The rules are pure; only the desk writes. */
@NullMarked
package io.sluice.manager.change;

import org.jspecify.annotations.NullMarked;
