package io.sluice.proxy.protocol.resp;

/** Why a command is not served, in the client's words; each is the end of a sentence that begins with the command. */
final class RefusalReason {
    static final String SUBSCRIPTION =
            "a server would tell of the proxy's subscriptions, not of its clients'; ask each server itself";
    static final String STREAM = "it shows the requests of one server; ask that server itself";
    static final String ONE_CONNECTION =
            "it asks about the writes of one server connection, which clients of the proxy share";
    static final String ALL_SERVERS = "it concerns the keys of all servers at once; ask each server itself";
    static final String ONE_SERVER = "it concerns one server, not a key; ask that server itself";
    static final String REPLICATION = "it concerns the replication of one server; ask that server itself";
    static final String SERVER_TO_SERVER = "it is for servers that hand over keys to one another";
    static final String ONE_DATABASE = "clients of the proxy see one database only";
    static final String NOT_A_CLUSTER = "the proxy is no Redis Cluster node: to clients it is a single server";
    static final String CONNECTION_STATE = "it acts on connections of a server, which clients of the proxy share";
    static final String LIBRARIES = "scripts and functions must be loaded into every server; ask each server itself";
    static final String ACCESS_LISTS =
            "the users of this proxy stand in its configuration file, under 'users' of the pool";
    static final String ACCESS_LOG =
            "the proxy keeps no such list; its log tells of failed logins, its metrics count refusals";
    static final String DEBUGGING = "it is for debugging a server; ask that server itself";
    static final String NO_KEY = "it has no key that says to which server it goes";
    static final String HELP = "the proxy does not keep these texts; ask a server itself";

    private RefusalReason() {}
}
