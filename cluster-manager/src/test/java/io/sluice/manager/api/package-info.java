@NullMarked
package io.sluice.manager.api;

import org.jspecify.annotations.NullMarked;
