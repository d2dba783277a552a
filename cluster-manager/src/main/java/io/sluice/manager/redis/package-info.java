/** How the manager asks servers: connections with a login, a limit of time, and TLS. */
@NullMarked
package io.sluice.manager.redis;

import org.jspecify.annotations.NullMarked;
