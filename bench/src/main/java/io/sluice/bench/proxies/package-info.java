/** What is measured: servers and proxies as processes of our own, and what the kernel says of them. */
@NullMarked
package io.sluice.bench.proxies;

import org.jspecify.annotations.NullMarked;
