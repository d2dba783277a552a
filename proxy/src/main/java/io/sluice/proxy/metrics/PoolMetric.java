package io.sluice.proxy.metrics;

/** What is counted of a pool's clients and their requests. All of them only rise; gauges are differences. */
public enum PoolMetric {
    /** Replies that became owed: one for each request, also for one that cannot be understood. */
    REQUESTS,
    /** Replies handed to the client's out buffer as a whole. */
    REPLIES,
    /** Replies that were owed when their client went. */
    ABANDONED,
    /** Bytes of clients that have been read and made use of. */
    REQUEST_BYTES,
    /** Bytes put into out buffers of clients. */
    REPLY_BYTES,
    /** Those of them that a socket took, or that were dropped with their client. */
    REPLY_BYTES_SETTLED,
    CLIENTS_ACCEPTED,
    /** Turned away at limits.max_clients ... */
    CLIENTS_REFUSED,
    /** ... at max_clients of the pool ... */
    CLIENTS_REFUSED_BY_POOL,
    /** ... at max_clients_per_address ... */
    CLIENTS_REFUSED_BY_ADDRESS,
    /** ... at accept_rate ... */
    CLIENTS_REFUSED_TOO_FAST,
    /** ... because their first bytes were no PROXY header ... */
    CLIENTS_REFUSED_HEADER,
    /** ... or it did not come in time ... */
    CLIENTS_REFUSED_HEADER_LATE,
    /** ... or they are not trusted with one. */
    CLIENTS_REFUSED_UNTRUSTED,
    /** Closed since they were silent for client_idle_timeout. */
    CLIENTS_IDLE,
    /** Clients with whom TLS was agreed on. */
    TLS_HANDSHAKES,
    /** Those with whom it was not: it took too long ... */
    TLS_FAILED_LATE,
    /** ... they closed ... */
    TLS_FAILED_CLOSED,
    /** ... a certificate is missing or not believed ... */
    TLS_FAILED_CERTIFICATE,
    /** ... or they speak no TLS that is spoken here. */
    TLS_FAILED_PROTOCOL,
    CLIENTS_CLOSED,
    /** Those of them that ended it themselves: they closed, or asked for it. */
    CLIENTS_ENDED,
    /** Closed because they did not take their replies while memory was scarce. */
    CLIENTS_EVICTED,
    /** Clients whose bytes did not follow the protocol. */
    PROTOCOL_ERRORS,
    /** Clients that could not prove to be a user. */
    FAILED_LOGINS,
    /** Replies that a fault held back. */
    FAULT_DELAYS,
    /** Requests that a fault answered with an error. */
    FAULT_ERRORS,
    /** Requests that a fault let nobody answer. */
    FAULT_DROPS,
    /** Faults that did nothing because too much was held back already. */
    FAULTS_SKIPPED,
    /** Requests whose keys lay on several servers. */
    SPLIT_REQUESTS,
    /** What became of them: one for each server. */
    REQUEST_PARTS,
    /** Queues on their way of which the server that they leave was found to have nothing any more. */
    QUEUES_FOUND_EMPTY,
    /** Requests that a spare pool was to serve. */
    SPARE_REQUESTS,
    /** Server connections opened for one client alone ... */
    PRIVATE_OPENED,
    /** ... those of them that are closed ... */
    PRIVATE_CLOSED,
    /** ... and times that a client got none, since there were as many as may be. */
    PRIVATE_REFUSED,
    /** Transactions sent to a server. */
    TRANSACTIONS,
    /** Scripts sent once more with their text, to a server that did not know their digest. */
    SCRIPTS_RESENT,
    /** Requests for whose data a server was asked to wait ... */
    WAITS_BEGUN,
    /** ... and those of them that are over. */
    WAITS_ENDED,
    /** Waits that the proxy ended, as when their client went. */
    WAITS_CUT,
    /** What came for a wait when its client had gone already, and so reached nobody. */
    WAITS_FOR_NOBODY,
    /** Channels and patterns that clients asked messages of ... */
    SUBSCRIBED,
    /** ... and those of them that they have no more. */
    UNSUBSCRIBED,
    /** Messages passed on: one for each client that gets it. */
    MESSAGES,
    /** Times at which an event loop was told to let requests of some slots wait. */
    FREEZES,
    /** Clients whose next request had to wait for its slots ... */
    PARKED,
    /** ... and went on. */
    UNPARKED,
    /** Bytes of these requests. */
    PARKED_BYTES,
    UNPARKED_BYTES,
    /** Those that waited too long, and got an error. */
    PARK_TIMEOUTS,
    /** Replies that were held back, since it was not known whether their slots still belonged to their server. */
    REPLIES_HELD,
    /** Those of them that were passed on, once it was known that they did. */
    REPLIES_RELAYED_LATE,
    /** Those of them that were not passed on. */
    REPLIES_DROPPED,
    /** Reads of keys whose owner is about to be another one that found the value on the new owner ... */
    WINDOW_HITS_NEW,
    /** ... on the old one ... */
    WINDOW_HITS_OLD,
    /** ... and nowhere. */
    WINDOW_MISSES,
    /** Values copied to the new owner as they were read ... */
    WINDOW_FILLS,
    /** ... and those that came too late for that, since others had changed the key. */
    WINDOW_FILLS_REFUSED,
    /** Values taken to the new owner because a request was to change them there. */
    WINDOW_PROMOTIONS
}
