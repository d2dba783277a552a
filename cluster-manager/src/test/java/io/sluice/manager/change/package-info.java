@NullMarked
package io.sluice.manager.change;

import org.jspecify.annotations.NullMarked;
