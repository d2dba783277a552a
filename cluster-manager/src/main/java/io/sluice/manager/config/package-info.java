/** {@code manager.yaml} as records. */
@NullMarked
package io.sluice.manager.config;

import org.jspecify.annotations.NullMarked;
