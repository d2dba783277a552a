/** Who may come in: how many clients, from where, how fast, and with how many requests. A leaf. */
@NullMarked
package io.sluice.proxy.admission;

import org.jspecify.annotations.NullMarked;
