/**
 * Fixtures of every module's tests, shipped as a test-jar: real servers on free loopback ports, and a client that shares
 * no code with the proxy.
 */
@NullMarked
package io.sluice.testing;

import org.jspecify.annotations.NullMarked;
