package io.sluice.manager.imports;

/**
 * A proxy of codis.
 *
 * @param address where its clients come in
 * @param admin where its dashboard reaches it
 */
public record CodisProxy(String token, String address, String admin) {}
