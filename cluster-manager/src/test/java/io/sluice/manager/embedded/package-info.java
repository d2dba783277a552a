@NullMarked
package io.sluice.manager.embedded;

import org.jspecify.annotations.NullMarked;
