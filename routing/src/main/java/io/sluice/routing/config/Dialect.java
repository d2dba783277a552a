package io.sluice.routing.config;

/** Which of the two kinds of file a pool stands in. */
public enum Dialect {
    /** {@code nutcracker.yml}: what nutcracker accepts is accepted, with its defaults. */
    TWEMPROXY,
    /** Sluice's own file: the same keys and more, units, and safer defaults. */
    SLUICE
}
