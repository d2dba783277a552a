@NullMarked
package io.sluice.manager.migration.engine;

import org.jspecify.annotations.NullMarked;
