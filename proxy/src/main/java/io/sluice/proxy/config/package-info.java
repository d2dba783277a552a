/** The configuration of a proxy, as records, and the readers that fill them. */
@NullMarked
package io.sluice.proxy.config;

import org.jspecify.annotations.NullMarked;
