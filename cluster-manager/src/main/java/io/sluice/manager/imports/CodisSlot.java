package io.sluice.manager.imports;

/**
 * One of codis's 1024 slots.
 *
 * @param group the id of the group that owns it; 0 if none does
 * @param action how far its migration is, in codis's word; empty if it is not on its way
 */
public record CodisSlot(int id, int group, String action) {}
