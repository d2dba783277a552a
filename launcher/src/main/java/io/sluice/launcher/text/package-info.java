/** What people type and read: keys, placements, tables. */
@NullMarked
package io.sluice.launcher.text;

import org.jspecify.annotations.NullMarked;
