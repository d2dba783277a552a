/** Faults that somebody asked for, to see what applications make of them: which, for whom, and until when. */
@NullMarked
package io.sluice.proxy.faults;

import org.jspecify.annotations.NullMarked;
