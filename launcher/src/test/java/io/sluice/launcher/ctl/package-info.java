@NullMarked
package io.sluice.launcher.ctl;

import org.jspecify.annotations.NullMarked;
