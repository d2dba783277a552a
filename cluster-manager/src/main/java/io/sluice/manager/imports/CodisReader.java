package io.sluice.manager.imports;

import io.sluice.manager.imports.CodisJson.UnreadableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what codis's dashboard keeps in ZooKeeper; changes nothing.
 *
 * <pre>
 *   /codis3/PRODUCT/slots/slot-0000 to slot-1023   {"id", "group_id", "action": {"state", "target_id"}}
 *                  /group/group-0001 ...           {"id", "servers": [{"server", ...}], "promoting": {"state"}}
 *                  /proxy/proxy-TOKEN              {"token", "proxy_addr", "admin_addr", ...}
 *                  /sentinel                       {"servers": [...], "out_of_sync"}
 *                  /topom                          {"admin_addr", ...}: the dashboard's lock
 * </pre>
 *
 * Source: codis pkg/models/store.go.
 */
public final class CodisReader {

    /** codis's dashboard has a limit of its own, which is lower. */
    static final int MAX_PROXIES = 10_000;

    private static final int MAX_GROUPS = 9_999;

    /** Turns the object at a path into what it says. */
    private interface Reading<T> {
        T of(CodisJson json) throws UnreadableException;
    }

    private final CuratorFramework zooKeeper;
    private final String product;
    private final List<String> unreadable = new ArrayList<>();

    private CodisReader(CuratorFramework zooKeeper, String product) {
        this.zooKeeper = zooKeeper;
        this.product = product;
    }

    /**
     * Reads a product; blocks.
     *
     * @param zooKeeper started, with the authentication that codis's nodes want
     * @throws ImportException if there is no such product, or ZooKeeper does not answer
     */
    public static CodisTree read(CuratorFramework zooKeeper, String product) throws ImportException {
        return new CodisReader(zooKeeper, product).read();
    }

    private CodisTree read() throws ImportException {
        if (product.isEmpty() || product.contains("/")) {
            throw new ImportException("'" + product + "' cannot be the name of a product of codis");
        }
        if (children("").isEmpty()) {
            throw new ImportException(
                    "there is no product '" + product + "' at " + path("") + "; expected one of: " + products());
        }
        Map<Integer, CodisGroup> groups = groups();
        List<CodisSlot> slots = slots();
        List<CodisProxy> proxies = proxies();
        CodisJson sentinel = read("/sentinel", json -> json).orElse(null);
        return new CodisTree(
                product,
                groups,
                slots,
                proxies,
                sentinels(sentinel),
                sentinel != null && flag("/sentinel", sentinel, "out_of_sync"),
                read("/topom", json -> json.text("admin_addr")).orElse(""),
                unreadable);
    }

    private String products() throws ImportException {
        List<String> products = childrenOf("/codis3");
        return products.isEmpty() ? "none, /codis3 is empty or not there" : String.join(", ", products);
    }

    private Map<Integer, CodisGroup> groups() throws ImportException {
        Map<Integer, CodisGroup> groups = new TreeMap<>();
        for (String name : bounded("/group", MAX_GROUPS)) {
            read("/group/" + name, CodisReader::group).ifPresent(group -> groups.put(group.id(), group));
        }
        return groups;
    }

    private static CodisGroup group(CodisJson json) throws UnreadableException {
        List<CodisGroup.Server> servers = new ArrayList<>();
        for (CodisJson server : json.members("servers", "server")) {
            servers.add(new CodisGroup.Server(
                    server.text("server"), server.member("action").text("state"), server.flag("replica_group")));
        }
        int id = json.number("id");
        if (id < 1 || id > MAX_GROUPS) {
            throw new UnreadableException("has the id " + id + "; codis's groups have 1 to " + MAX_GROUPS);
        }
        return new CodisGroup(id, servers, json.member("promoting").text("state"), json.flag("out_of_sync"));
    }

    private List<CodisSlot> slots() throws ImportException {
        List<CodisSlot> slots = new ArrayList<>();
        for (int id = 0; id < CodisTree.SLOTS; id++) {
            int slot = id;
            slots.add(read(String.format("/slots/slot-%04d", id), json -> slot(slot, json))
                    .orElse(new CodisSlot(id, 0, "")));
        }
        return slots;
    }

    private static CodisSlot slot(int id, CodisJson json) throws UnreadableException {
        if (json.number("id") != id) {
            throw new UnreadableException("says it is slot " + json.number("id"));
        }
        return new CodisSlot(id, json.number("group_id"), json.member("action").text("state"));
    }

    private List<CodisProxy> proxies() throws ImportException {
        List<CodisProxy> proxies = new ArrayList<>();
        for (String name : bounded("/proxy", MAX_PROXIES)) {
            read(
                            "/proxy/" + name,
                            json -> new CodisProxy(
                                    json.text("token"), json.text("proxy_addr"), json.text("admin_addr")))
                    .ifPresent(proxies::add);
        }
        proxies.sort(Comparator.comparing(CodisProxy::address));
        return proxies;
    }

    private List<String> sentinels(@Nullable CodisJson sentinel) {
        List<String> addresses = new ArrayList<>();
        try {
            if (sentinel != null) {
                for (CodisJson server : sentinel.members("servers", "server")) {
                    addresses.add(server.text("server"));
                }
            }
        } catch (UnreadableException e) {
            unreadable.add(path("/sentinel") + " " + e.getMessage());
        }
        return addresses;
    }

    private boolean flag(String below, CodisJson json, String key) {
        try {
            return json.flag(key);
        } catch (UnreadableException e) {
            unreadable.add(path(below) + " " + e.getMessage());
            return false;
        }
    }

    // ---- ZooKeeper

    private String path(String below) {
        return "/codis3/" + product + below;
    }

    /** Empty if there is no such node, or if it cannot be read as codis's. */
    private <T> Optional<T> read(String below, Reading<T> reading) throws ImportException {
        try {
            return Optional.of(reading.of(CodisJson.parse(zooKeeper.getData().forPath(path(below)))));
        } catch (UnreadableException e) {
            unreadable.add(path(below) + " " + e.getMessage());
            return Optional.empty();
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        } catch (Exception e) { // Curator declares no less
            throw ImportException.of(path(below), e);
        }
    }

    private List<String> bounded(String below, int most) throws ImportException {
        List<String> names = children(below);
        if (names.size() > most) {
            throw new ImportException(path(below) + " has " + names.size() + " children; expected at most " + most);
        }
        return names;
    }

    private List<String> children(String below) throws ImportException {
        return childrenOf(path(below));
    }

    /** None if there is no such node. */
    private List<String> childrenOf(String path) throws ImportException {
        try {
            return zooKeeper.getChildren().forPath(path).stream().sorted().toList();
        } catch (KeeperException.NoNodeException e) {
            return List.of();
        } catch (Exception e) { // Curator declares no less
            throw ImportException.of(path, e);
        }
    }
}
