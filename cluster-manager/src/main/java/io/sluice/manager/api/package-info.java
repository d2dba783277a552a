/** The manager over HTTP: what there is, what would change, changes. Documented in docs/api.md. */
@NullMarked
package io.sluice.manager.api;

import org.jspecify.annotations.NullMarked;
