/** Which slots should go where, so that shards carry as much as they should; what their servers tell of that. */
@NullMarked
package io.sluice.manager.balance;

import org.jspecify.annotations.NullMarked;
