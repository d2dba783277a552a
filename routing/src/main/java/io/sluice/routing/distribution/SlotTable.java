package io.sluice.routing.distribution;

import io.sluice.routing.hash.SlotHash;

/** Fixed slots, each with its owner: 1024 as in codis, 16384 as in Redis Cluster. */
public final class SlotTable implements Distribution {

    private final SlotHash slotHash;
    private final int[] owners;

    private SlotTable(SlotHash slotHash, int[] owners) {
        this.slotHash = slotHash;
        this.owners = owners;
    }

    /** From the owner of each slot: the index of a server, or {@link #NOBODY}. */
    public static SlotTable of(int[] owners) {
        SlotHash slotHash = SlotHash.of(owners.length)
                .orElseThrow(
                        () -> new IllegalArgumentException("There is no slot table of " + owners.length + " slots"));
        return new SlotTable(slotHash, owners.clone());
    }

    /** How keys fall into these slots. */
    public SlotHash slotHash() {
        return slotHash;
    }

    @Override
    public int serverIndex(int hash) {
        return owners[slotHash.slot(hash)];
    }

    @Override
    public long position(int hash) {
        return slotHash.slot(hash);
    }

    @Override
    public long positions() {
        return owners.length;
    }
}
