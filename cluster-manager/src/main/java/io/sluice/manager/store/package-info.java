/** What is kept of a cluster, and how it is changed: compare and set, under the term of the one who leads. */
@NullMarked
package io.sluice.manager.store;

import org.jspecify.annotations.NullMarked;
