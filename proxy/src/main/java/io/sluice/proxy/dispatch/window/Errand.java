package io.sluice.proxy.dispatch.window;

import io.sluice.proxy.command.Command;

/**
 * What a visit is for.
 *
 * @param number rises from visit to visit
 * @param text the request as a server is to get it; empty for one that reads
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Errand(long number, Ends ends, Command command, byte[] key, byte[] text, long client) {}
