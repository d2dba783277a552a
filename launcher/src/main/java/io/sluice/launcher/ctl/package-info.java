/** {@code sluice ctl}: looks at a cluster and changes it, through a manager's API. */
@NullMarked
package io.sluice.launcher.ctl;

import org.jspecify.annotations.NullMarked;
