package io.sluice.proxy.dispatch;

import java.util.Arrays;

/**
 * The keys of one request by their owners, in time proportional to the keys, however many servers there are.
 *
 * <pre>
 *   owners        7 3 7 7 3          parts are numbered in the order in which their owners appear
 *   part of key   0 1 0 0 1
 *   arguments     1 3 4 | 2 5        the keys' arguments, grouped by part, in order within each
 *   begins        0       3     5
 * </pre>
 */
final class KeyPartition {

    private final int[] partOfKey;
    private final int[] ownerOfPart;
    private final int[] keyArguments;
    private final int[] begins;
    private final int parts;

    private KeyPartition(int[] partOfKey, int[] ownerOfPart, int[] keyArguments, int[] begins, int parts) {
        this.partOfKey = partOfKey;
        this.ownerOfPart = ownerOfPart;
        this.keyArguments = keyArguments;
        this.begins = begins;
        this.parts = parts;
    }

    /** Borrows the arrays, of which the first {@code keys} numbers count; owners are from 0 to {@code servers} - 1. */
    static KeyPartition of(int[] owners, int[] arguments, int keys, int servers) {
        int[] partOfOwner = new int[servers]; // plus one, so that 0 means none yet
        int[] ownerOfPart = new int[Math.min(keys, servers)];
        int[] partOfKey = new int[keys];
        int[] begins = new int[ownerOfPart.length + 1];
        int parts = 0;
        for (int key = 0; key < keys; key++) {
            int owner = owners[key];
            if (partOfOwner[owner] == 0) {
                ownerOfPart[parts++] = owner;
                partOfOwner[owner] = parts;
            }
            int part = partOfOwner[owner] - 1;
            partOfKey[key] = part;
            begins[part + 1]++;
        }
        for (int part = 0; part < parts; part++) {
            begins[part + 1] += begins[part];
        }
        return new KeyPartition(partOfKey, ownerOfPart, group(arguments, partOfKey, begins), begins, parts);
    }

    private static int[] group(int[] arguments, int[] partOfKey, int[] begins) {
        int[] next = Arrays.copyOf(begins, begins.length);
        int[] grouped = new int[partOfKey.length];
        for (int key = 0; key < partOfKey.length; key++) {
            grouped[next[partOfKey[key]]++] = arguments[key];
        }
        return grouped;
    }

    int parts() {
        return parts;
    }

    int owner(int part) {
        return ownerOfPart[part];
    }

    /** Part by key, in the order of the request; the receiver's. */
    int[] partOfKey() {
        return partOfKey;
    }

    /** Argument indexes of all keys, grouped by part. */
    int[] keyArguments() {
        return keyArguments;
    }

    /** Where a part begins in {@link #keyArguments()}; the one before ends there. */
    int begin(int part) {
        return begins[part];
    }
}
