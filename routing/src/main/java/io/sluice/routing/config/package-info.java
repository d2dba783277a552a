/** The part of YAML that describes pools, and the strict way to read YAML. */
@NullMarked
package io.sluice.routing.config;

import org.jspecify.annotations.NullMarked;
