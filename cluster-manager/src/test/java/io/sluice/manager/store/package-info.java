@NullMarked
package io.sluice.manager.store;

import org.jspecify.annotations.NullMarked;
