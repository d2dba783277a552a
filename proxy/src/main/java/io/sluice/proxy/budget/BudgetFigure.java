package io.sluice.proxy.budget;

/** What each event loop counts about its budget; {@link ProcessBudget#sum} adds up all loops. */
public enum BudgetFigure {
    /** Bytes held for clients: parts of requests, early replies, replies not taken yet. */
    CLIENT_BYTES,
    /** Bytes gathered for requests that were split over servers. */
    SPLIT_BYTES,
    /** Bytes of requests that servers have not taken yet. */
    SERVER_BYTES,
    /** Bytes of replies that are expected for requests in flight; a guess, part of no total. */
    EXPECTED_BYTES,
    /** How often a client was not read from because of its own replies. */
    CLIENT_PAUSES,
    /** How often a client was not read from because a server had too much waiting. */
    SERVER_PAUSES,
    /** Clients closed because the process held too much. */
    EVICTIONS,
    /** Clients closed because of what they held alone. */
    CLIENTS_OVER_BOUND,
    /** Requests refused because the process held too much. */
    REFUSALS
}
