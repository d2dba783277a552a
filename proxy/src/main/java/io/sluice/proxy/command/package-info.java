/** What commands are: one row each, all facts in the row. A leaf. */
@NullMarked
package io.sluice.proxy.command;

import org.jspecify.annotations.NullMarked;
