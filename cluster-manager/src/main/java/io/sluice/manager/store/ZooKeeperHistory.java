package io.sluice.manager.store;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node for each entry, named by epoch and time so that names have the order of the entries.
 *
 * <p>Entries of changes of the topology are written with it. Others are added whoever leads: what has been done must be
 * written down.
 */
final class ZooKeeperHistory implements History {

    private static final Logger log = LoggerFactory.getLogger(ZooKeeperHistory.class);

    /** The oldest beyond that go. */
    static final int MAX_ENTRIES = 1_000;

    /** Lines of an entry beyond that are left out, and counted. */
    static final int MAX_LINE_CHARACTERS = 12_000;

    /** Names and titles are cut there. */
    static final int MAX_TEXT_CHARACTERS = 500;

    private static final Gson GSON = new Gson();

    private final Ensemble ensemble;
    private final int maxEntries;

    ZooKeeperHistory(Ensemble ensemble, int maxEntries) {
        this.ensemble = ensemble;
        this.maxEntries = maxEntries;
    }

    @Override
    public void add(HistoryEntry entry) throws StoreException {
        String path = newPath(entry);
        ensemble.call(zooKeeper -> {
            create(zooKeeper, path, bytes(entry));
            removeOldest(zooKeeper);
            return path;
        });
    }

    /** What adds it, as a part of a transaction. */
    Op adding(HistoryEntry entry) {
        return Op.create(newPath(entry), bytes(entry), ensemble.acl(), CreateMode.PERSISTENT);
    }

    /** The oldest go, if that can be done now. */
    void trim() {
        try {
            ensemble.call(zooKeeper -> {
                removeOldest(zooKeeper);
                return true;
            });
        } catch (StoreException e) {
            log.debug("The history is trimmed with the next entry: {}", e.getMessage());
        }
    }

    private String newPath(HistoryEntry entry) {
        return path(String.format(
                "%019d-%015d-%s",
                entry.epochAfter(),
                Math.max(0, entry.at().toEpochMilli()),
                UUID.randomUUID().toString().substring(0, 8)));
    }

    private static byte[] bytes(HistoryEntry entry) {
        return GSON.toJson(json(entry)).getBytes(StandardCharsets.UTF_8);
    }

    /** The name is nobody else's: if it is there, an earlier attempt was carried out. */
    private void create(ZooKeeper zooKeeper, String path, byte[] bytes) throws KeeperException, InterruptedException {
        try {
            zooKeeper.create(path, bytes, ensemble.acl(), CreateMode.PERSISTENT);
        } catch (KeeperException.NodeExistsException e) {
            log.debug("Was written already: path={}", path);
        }
    }

    private void removeOldest(ZooKeeper zooKeeper) throws KeeperException, InterruptedException {
        List<String> names = names(zooKeeper);
        for (String name : names.subList(Math.min(maxEntries, names.size()), names.size())) {
            try {
                zooKeeper.delete(path(name), -1);
            } catch (KeeperException.NoNodeException e) {
                log.debug("Has gone already: name={}", name);
            }
        }
    }

    @Override
    public List<HistoryEntry> newest(int most) throws StoreException {
        return ensemble.read(zooKeeper -> {
            List<String> names = names(zooKeeper);
            List<HistoryEntry> entries = new ArrayList<>();
            for (String name : names.subList(0, Math.min(most, names.size()))) {
                add(zooKeeper, name, entries);
            }
            return entries;
        });
    }

    /** The newest first. */
    private List<String> names(ZooKeeper zooKeeper) throws KeeperException, InterruptedException {
        List<String> names =
                new ArrayList<>(zooKeeper.getChildren(ensemble.paths().history(), false));
        names.sort(Comparator.reverseOrder());
        return names;
    }

    private void add(ZooKeeper zooKeeper, String name, List<HistoryEntry> entries)
            throws KeeperException, InterruptedException {
        try {
            entries.add(entry(name, zooKeeper.getData(path(name), false, null)));
        } catch (KeeperException.NoNodeException e) {
            log.debug("Became too old meanwhile: name={}", name);
        }
    }

    private String path(String name) {
        return ensemble.paths().history() + "/" + name;
    }

    // ---- as text

    private static JsonObject json(HistoryEntry entry) {
        JsonObject json = new JsonObject();
        json.addProperty("at", entry.at().toString());
        json.addProperty("by", cut(entry.by()));
        json.addProperty("title", cut(entry.title()));
        json.addProperty("epoch_before", entry.epochBefore());
        json.addProperty("epoch_after", entry.epochAfter());
        JsonArray lines = new JsonArray();
        bounded(entry.lines()).forEach(lines::add);
        json.add("lines", lines);
        return json;
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT_CHARACTERS ? text : text.substring(0, MAX_TEXT_CHARACTERS) + "...";
    }

    private static List<String> bounded(List<String> lines) {
        List<String> kept = new ArrayList<>();
        int room = MAX_LINE_CHARACTERS;
        for (String line : lines) {
            String shown = cut(line);
            room -= shown.length();
            if (room < 0) {
                kept.add("... and " + (lines.size() - kept.size()) + " lines more");
                return kept;
            }
            kept.add(shown);
        }
        return kept;
    }

    /** One that cannot be read is shown as such: a gap in an audit log must be seen. */
    private static HistoryEntry entry(String name, byte[] bytes) {
        try {
            JsonObject json = GSON.fromJson(new String(bytes, StandardCharsets.UTF_8), JsonObject.class);
            List<String> lines = new ArrayList<>();
            for (JsonElement line : json.getAsJsonArray("lines")) {
                lines.add(line.getAsString());
            }
            return new HistoryEntry(
                    Instant.parse(json.get("at").getAsString()),
                    json.get("by").getAsString(),
                    json.get("title").getAsString(),
                    json.get("epoch_before").getAsLong(),
                    json.get("epoch_after").getAsLong(),
                    lines);
        } catch (JsonParseException
                | DateTimeException
                | IllegalStateException
                | NumberFormatException
                | ClassCastException
                | NullPointerException e) {
            log.warn("An entry of the history cannot be read: name={}", name);
            return new HistoryEntry(Instant.EPOCH, "", "an entry that cannot be read: " + name, 0, 0, List.of());
        }
    }
}
