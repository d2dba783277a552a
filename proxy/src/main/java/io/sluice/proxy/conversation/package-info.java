/** What a client has begun and not ended: transactions, watched keys, waits, scripts that have to be sent again. */
@NullMarked
package io.sluice.proxy.conversation;

import org.jspecify.annotations.NullMarked;
