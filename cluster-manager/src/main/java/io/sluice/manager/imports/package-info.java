/** Reads what other systems keep about their servers, and makes pools of it. Changes nothing there. */
@NullMarked
package io.sluice.manager.imports;

import org.jspecify.annotations.NullMarked;
