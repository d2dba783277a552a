/** The command line: {@code sluice demo | proxy | check | explain | version}. The one module that sees both planes. */
@NullMarked
package io.sluice.launcher;

import org.jspecify.annotations.NullMarked;
