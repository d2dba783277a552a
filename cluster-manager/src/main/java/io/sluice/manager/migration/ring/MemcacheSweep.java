package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.engine.KeyFilter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes some keys off one memcached: lists all of them by one connection, and deletes by another.
 *
 * <pre>
 *   lru_crawler metadump hash          every key once, by the hash table: none is passed over because it moves meanwhile
 *   key=a%25b exp=-1 la=1795273168 ...
 *   END
 * </pre>
 */
final class MemcacheSweep {

    /** Deletes that are sent before their answers are read. */
    private static final int BATCH = 100;

    /** More passes than one are for keys that somebody writes meanwhile; nobody should. */
    private static final int MAX_PASSES = 3;

    /** Another crawl may be under way. */
    private static final int MAX_BUSY = 50;

    private static final long BUSY_PAUSE_NANOS = 200_000_000;

    private final MemcacheLink listing;
    private final MemcacheLink deleting;
    private final KeyFilter filter;
    private final int keysPerSecond;
    private final List<String> batch = new ArrayList<>(BATCH); // requests

    MemcacheSweep(MemcacheLink listing, MemcacheLink deleting, KeyFilter filter, int keysPerSecond) {
        this.listing = listing;
        this.deleting = deleting;
        this.filter = filter;
        this.keysPerSecond = keysPerSecond;
    }

    /** Returns how many keys went; after that none of them are there. */
    long run() throws RingServerException {
        long removed = 0;
        for (int pass = 0; pass < MAX_PASSES; pass++) {
            long some = pass();
            removed += some;
            if (some == 0) {
                return removed;
            }
        }
        throw new RingServerException("somebody writes keys to " + listing.server()
                + " that have no business there; look for clients that go past the proxies");
    }

    private long pass() throws RingServerException {
        long removed = 0;
        for (String line = firstLine(); !line.equals("END"); line = listing.line()) {
            addIfMoving(raw(line));
            if (batch.size() == BATCH) {
                removed += deleteBatch();
            }
        }
        return removed + deleteBatch();
    }

    private String firstLine() throws RingServerException {
        for (int i = 0; i < MAX_BUSY; i++) {
            listing.send("lru_crawler metadump hash");
            listing.flush();
            String line = listing.line();
            if (!line.startsWith("BUSY")) {
                return line;
            }
            LockSupport.parkNanos(BUSY_PAUSE_NANOS);
        }
        throw new RingServerException(listing.server() + " is busy with another listing of its keys");
    }

    /** To clients, a key that cannot stand in a line is base64. */
    private void addIfMoving(byte[] raw) {
        boolean isText = isText(raw);
        byte[] key = isText ? raw : Base64.getEncoder().encode(raw);
        if (filter.moves(key)) {
            String word = new String(key, StandardCharsets.ISO_8859_1);
            batch.add(isText ? "delete " + word : "md " + word + " b");
        }
    }

    private byte[] raw(String line) throws RingServerException {
        if (!line.startsWith("key=")) {
            throw new RingServerException(listing.server() + " cannot list its keys: '" + line
                    + "'; it has to know 'lru_crawler metadump hash', as memcached 1.6 does");
        }
        int end = line.indexOf(' ');
        return decoded(line.substring("key=".length(), end < 0 ? line.length() : end));
    }

    private byte[] decoded(String encoded) throws RingServerException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.write(c);
                continue;
            }
            int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
            int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw new RingServerException(listing.server() + " lists a key that cannot be read");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return bytes.toByteArray();
    }

    private static boolean isText(byte[] key) {
        for (byte b : key) {
            if ((b >= 0 && b <= ' ') || b == 127) {
                return false;
            }
        }
        return true;
    }

    private long deleteBatch() throws RingServerException {
        for (String request : batch) {
            deleting.send(request);
        }
        deleting.flush();
        long removed = 0;
        for (int i = 0; i < batch.size(); i++) {
            removed += deleted(deleting.line());
        }
        if (!batch.isEmpty()) {
            LockSupport.parkNanos(batch.size() * 1_000_000_000L / keysPerSecond);
        }
        batch.clear();
        return removed;
    }

    private int deleted(String answer) throws RingServerException {
        return switch (answer) {
            case "DELETED", "HD" -> 1;
            case "NOT_FOUND", "NF" -> 0;
            default -> throw new RingServerException(deleting.server() + " refused to delete a key: " + answer);
        };
    }
}
