@NullMarked
package io.sluice.manager.migration;

import org.jspecify.annotations.NullMarked;
