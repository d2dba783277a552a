/** Who may do what: users and their rules, in the words of Redis' access control lists. */
@NullMarked
package io.sluice.proxy.access;

import org.jspecify.annotations.NullMarked;
