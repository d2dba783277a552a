/** Puts the data plane together: builds everything, starts and stops it in order. */
@NullMarked
package io.sluice.proxy;

import org.jspecify.annotations.NullMarked;
