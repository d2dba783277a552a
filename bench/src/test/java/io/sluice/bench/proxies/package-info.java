@NullMarked
package io.sluice.bench.proxies;

import org.jspecify.annotations.NullMarked;
