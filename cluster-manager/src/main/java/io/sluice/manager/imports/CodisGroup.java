package io.sluice.manager.imports;

import java.util.List;

/**
 * A group of codis: a primary and its replicas.
 *
 * @param id 1 to 9999
 * @param servers the first is the primary
 * @param promoting how far the promotion of another primary is, in codis's word; empty if there is none
 * @param outOfSync codis's dashboard has changed it, and its proxies have not been told
 */
public record CodisGroup(int id, List<Server> servers, String promoting, boolean outOfSync) {

    /**
     * A server of a group.
     *
     * @param address host:port, as codis has it
     * @param action what the dashboard is doing with it; empty if nothing
     * @param replicaReads whether codis's proxies read from it while it is a replica
     */
    public record Server(String address, String action, boolean replicaReads) {}

    public CodisGroup {
        servers = List.copyOf(servers);
    }

    /** What its shard is called. */
    public String shard() {
        return "group-" + id;
    }
}
