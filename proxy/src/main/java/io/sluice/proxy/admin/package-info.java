/** Lets people and collectors look inside: HTTP pages and twemproxy's statistics, on a thread of its own. */
@NullMarked
package io.sluice.proxy.admin;

import org.jspecify.annotations.NullMarked;
