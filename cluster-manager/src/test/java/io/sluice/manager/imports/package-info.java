/** Tests of taking over what other systems keep. */
@NullMarked
package io.sluice.manager.imports;

import org.jspecify.annotations.NullMarked;
