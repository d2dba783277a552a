package io.sluice.routing.cluster;

/**
 * Where things lie in ZooKeeper.
 *
 * <pre>
 *   /sluice/CLUSTER/topology            the one truth about routing; its data version is what is compared and set
 *                  /manager/latch       who would lead
 *                  /manager/term        who does: part of every write of a manager
 *                  /manager/members/ID  ephemeral: a manager that runs
 *                  /proxies/ID          a registered proxy
 *                  /proxies/ID/hb       its heartbeat, and which epoch it serves
 *                  /proxies/ID/live     ephemeral, for display
 *                  /handoffs/ID         plan and progress of a handoff; not a truth about routing
 *                  /handoffs/ID/conns   connections that write on its behalf
 *                  /history             what was changed, by whom; one child for each change
 * </pre>
 *
 * @param cluster letters, digits, dots, hyphens and underscores
 */
public record ZnodePaths(String cluster) {

    private static final String ROOT = "/sluice";

    /** The longest name of a cluster, a proxy, a pool, a shard or a handoff. */
    public static final int MAX_NAME_CHARACTERS = TopologyReader.MAX_NAME_CHARACTERS;

    /** Whether clusters, proxies, pools, shards and handoffs may be called so. */
    public static boolean isName(String name) {
        return TopologyReader.isName(name);
    }

    public String root() {
        return ROOT + "/" + cluster;
    }

    public String topology() {
        return root() + "/topology";
    }

    public String latch() {
        return root() + "/manager/latch";
    }

    public String term() {
        return root() + "/manager/term";
    }

    public String managers() {
        return root() + "/manager/members";
    }

    public String proxies() {
        return root() + "/proxies";
    }

    public String proxy(String id) {
        return proxies() + "/" + id;
    }

    public String heartbeat(String proxyId) {
        return proxy(proxyId) + "/hb";
    }

    public String live(String proxyId) {
        return proxy(proxyId) + "/live";
    }

    public String handoffs() {
        return root() + "/handoffs";
    }

    public String handoff(String id) {
        return handoffs() + "/" + id;
    }

    public String connections(String handoffId) {
        return handoff(handoffId) + "/conns";
    }

    public String history() {
        return root() + "/history";
    }
}
